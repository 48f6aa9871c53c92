// Accounts: who is signed in, what they may do and where, and what is kept about them.

/** The roles, from the least to the most. */
export const ROLES = ['viewer', 'station_keeper', 'planner', 'reviewer', 'analyst', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** What a token may be made for. */
export const SCOPES = ['read', 'write', 'personal', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];

/** Acts that the pages ask about before they offer them; the server decides. */
export type Act =
  | 'staff.read'
  | 'staff.export'
  | 'city.edit'
  | 'scenarios.edit'
  | 'scenarios.keep'
  | 'stations.edit'
  | 'micro_grids.edit'
  | 'micro_grids.review'
  | 'friendly_scenes.edit'
  | 'units.edit'
  | 'leaders.read'
  | 'reports.read'
  | 'reports.handle'
  | 'reports.reveal'
  | 'users.manage'
  | 'audit.read'
  | 'account.own';

/** A role in a unit and in all below it. */
export interface Grant {
  role: Role;
  unit: string;
}

export interface Account {
  /** As in the owner of a scenario. */
  id: number;
  name: string;
  displayName: string;
  /** Signs in with a second factor. */
  totp: boolean;
  password: boolean;
  /** Signs in elsewhere. */
  oidc: boolean;
  disabled: boolean;
  createdAt: Date;
  grants: Grant[];
}

/** Who is signed in; the account is null for a guest. */
export interface Session {
  account: Account | null;
  /** Acts, and the units in which they are allowed. */
  may: ReadonlyMap<string, readonly string[]>;
  /** People may sign in elsewhere. */
  oidc: boolean;
}

export interface Token {
  id: number;
  name: string;
  scopes: Scope[];
  createdAt: Date;
  expiresAt: Date;
  lastUsedAt: Date | null;
  revokedAt: Date | null;
}

export interface AuditEntry {
  id: number;
  at: Date;
  actor: string;
  act: string;
  subject: string;
  address: string;
  detail: Readonly<Record<string, string>>;
}

/** What all codes below a unit begin with: for a city its first four digits, else the code itself. */
export function unitPrefix(code: string): string {
  return code.length === 6 && code.endsWith('00') ? code.slice(0, 4) : code;
}

/** Whether a unit is another one or lies in it. */
export function isWithin(code: string, unit: string): boolean {
  return unitPrefix(code).startsWith(unitPrefix(unit));
}

/** Whether the session may do something in a unit; without a unit, whether it may anywhere. */
export function may(session: Session | undefined, act: Act, unit?: string): boolean {
  const units = session?.may.get(act);
  if (!units) return false;
  return unit === undefined || units.some((one) => isWithin(unit, one));
}

/** The accounts whose name, title, role or place holds the words. */
export function searchAccounts(
  accounts: readonly Account[],
  words: string,
  describe: (grant: Grant) => string,
): Account[] {
  const wanted = words.trim().toLowerCase();
  return accounts.filter(({ name, displayName, grants }) =>
    [name, displayName, ...grants.map((grant) => `${grant.unit} ${describe(grant)}`)].some((text) =>
      text.toLowerCase().includes(wanted),
    ),
  );
}

export type TokenState = 'serving' | 'expired' | 'revoked';

export function tokenState({ revokedAt, expiresAt }: Token, now: Date): TokenState {
  if (revokedAt) return 'revoked';
  return expiresAt <= now ? 'expired' : 'serving';
}

/** A page of ours to go to after signing in; anything else is not trusted. */
export function ownPage(path: string | null): string {
  const sound = path !== null && /^\/(?!\/)[^\\\s]*$/.test(path) && !path.startsWith('/login');
  return sound ? path : '/plan/';
}

/** The address at which to sign in and come back here. */
export function signInAddress(here: { pathname: string; search: string }, query = ''): string {
  const address = new URLSearchParams(query);
  address.set('return_to', here.pathname + here.search);
  return `/login/?${address.toString()}`;
}
