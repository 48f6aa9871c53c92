// Accounts: signing in, one's own tokens and second factor, the accounts one looks after, the audit trail.
import type { Account, AuditEntry, Grant, Scope, Session, Token } from '../model/accounts.ts';
import { getJson, withQuery, type RequestOptions } from './http.ts';
import { keepToken, send } from './send.ts';
import type {
  WireAccount,
  WireAudit,
  WireConfirmedTotp,
  WireNewToken,
  WireSession,
  WireToken,
  WireTokens,
  WireTotp,
  WireUsers,
} from './types.ts';

export { RefusedError } from './send.ts';

/** Who is signed in. */
export async function getSession(options?: RequestOptions): Promise<Session> {
  return sessionOf(await getJson<WireSession>('/api/auth/me', options));
}

export interface Credentials {
  name: string;
  password: string;
  /** Of the second factor, once it is asked for. */
  code?: string;
}

export async function signIn(credentials: Credentials): Promise<Session> {
  const { value } = await send<WireSession>('/api/auth/login', { method: 'POST', body: credentials });
  return sessionOf(value);
}

export async function signOut(): Promise<void> {
  await send('/api/auth/logout', { method: 'POST' });
  keepToken({});
}

export async function changePassword(password: string, newPassword: string): Promise<Session> {
  const body = { password, new_password: newPassword };
  const { value } = await send<WireSession>('/api/auth/password', { method: 'POST', body });
  return sessionOf(value);
}

export interface ProposedFactor {
  /** To type into an authenticator app. */
  key: string;
  /** The same as a link that opens one. */
  address: string;
}

export async function proposeSecondFactor(password: string): Promise<ProposedFactor> {
  const { value } = await send<WireTotp>('/api/auth/totp', { method: 'POST', body: { password } });
  return { key: value.key, address: value.address };
}

/** Turns the second factor on; gives the recovery codes, which are told once. */
export async function confirmSecondFactor(code: string): Promise<string[]> {
  const answer = await send<WireConfirmedTotp>('/api/auth/totp/confirm', { method: 'POST', body: { code } });
  keepToken(answer.value.session);
  return answer.value.recovery_codes;
}

export async function removeSecondFactor(password: string, code: string): Promise<Session> {
  const { value } = await send<WireSession>('/api/auth/totp/remove', {
    method: 'POST',
    body: { password, code },
  });
  return sessionOf(value);
}

export async function listTokens(options?: RequestOptions): Promise<Token[]> {
  return (await getJson<WireTokens>('/api/auth/tokens', options)).tokens.map(tokenOf);
}

export interface NewToken {
  name: string;
  scopes: readonly Scope[];
  expiresAt: Date;
}

/** Makes a token; its secret is told once. */
export async function createToken(wanted: NewToken): Promise<{ token: Token; secret: string }> {
  const body = { name: wanted.name, scopes: wanted.scopes, expires_at: wanted.expiresAt.toISOString() };
  const { value } = await send<WireNewToken>('/api/auth/tokens', { method: 'POST', body });
  return { token: tokenOf(value), secret: value.token };
}

export async function revokeToken(id: number): Promise<void> {
  await send(`/api/auth/tokens/${String(id)}`, { method: 'DELETE' });
}

/** The accounts that one looks after. */
export async function listUsers(options?: RequestOptions): Promise<Account[]> {
  return (await getJson<WireUsers>('/api/users', options)).users.map(accountOf);
}

export interface NewUser {
  name: string;
  displayName: string;
  password: string;
  grants: readonly Grant[];
}

export async function createUser({ name, displayName, password, grants }: NewUser): Promise<Account> {
  const body = { name, display_name: displayName, password, grants };
  const { value } = await send<WireAccount>('/api/users', { method: 'POST', body });
  return accountOf(value);
}

/** Lets an account in, or not. */
export async function setDisabled(name: string, disabled: boolean): Promise<void> {
  await send(addressOf(name), { method: 'PATCH', body: { disabled } });
}

/** Gives an account another password and takes its second factor away. */
export async function resetUser(name: string, password: string): Promise<void> {
  await send(`${addressOf(name)}/reset`, { method: 'POST', body: { password } });
}

export async function grantRole(name: string, grant: Grant): Promise<void> {
  await send(`${addressOf(name)}/grants`, { method: 'POST', body: grant });
}

export async function revokeRole(name: string, { role, unit }: Grant): Promise<void> {
  await send(withQuery(`${addressOf(name)}/grants`, { role, unit }), { method: 'DELETE' });
}

export interface AuditPage {
  entries: AuditEntry[];
  /** Where the next page begins; null at the beginning of the trail. */
  before: number | null;
}

/** The audit trail, newest first. */
export async function listAudit(
  query: { before?: number | null; limit?: number },
  options?: RequestOptions,
): Promise<AuditPage> {
  const wire = await getJson<WireAudit>(withQuery('/api/audit', query), options);
  return {
    before: wire.before,
    entries: wire.entries.map(({ at, ...rest }) => ({ ...rest, at: new Date(at) })),
  };
}

function addressOf(name: string): string {
  return `/api/users/${encodeURIComponent(name)}`;
}

function sessionOf(wire: WireSession): Session {
  keepToken(wire);
  return {
    account: wire.account ? accountOf(wire.account) : null,
    may: new Map(wire.may.map(({ act, units }) => [act, units])),
    oidc: wire.oidc,
  };
}

function accountOf({ display_name, created_at, ...rest }: WireAccount): Account {
  return { ...rest, displayName: display_name, createdAt: new Date(created_at) };
}

function tokenOf(wire: WireToken): Token {
  return {
    id: wire.id,
    name: wire.name,
    scopes: wire.scopes as Scope[],
    createdAt: new Date(wire.created_at),
    expiresAt: new Date(wire.expires_at),
    lastUsedAt: wire.last_used_at ? new Date(wire.last_used_at) : null,
    revokedAt: wire.revoked_at ? new Date(wire.revoked_at) : null,
  };
}
