// Reviews of communities: how they stand, what changed, comments, leases, and who leads in them.
import type { LngLat } from '../geo/distance.ts';
import type {
  Comment,
  CommunityChange,
  CommunityLeaders,
  Difference,
  GridShape,
  Leader,
  LeaderRole,
  Lease,
  Lines,
  ReviewStatus,
  Selection,
  Standing,
  Step,
  Stretch,
  Summary,
} from '../model/review.ts';
import { getJson, withQuery, type RequestOptions } from './http.ts';
import { send } from './send.ts';
import type {
  WireBlame,
  WireComments,
  WireCommunity,
  WireCommunityHistory,
  WireCommunityState,
  WireCommunitySummary,
  WireCommunityDifference,
  WireFeature,
  WireLeaders,
  WireLease,
  WireMicroGrid,
  WireSteward,
} from './types.ts';

const addressOf = (community: string, rest = '') =>
  `/api/communities/${encodeURIComponent(community)}${rest}`;

/** How the communities in a unit stand; those without micro-grids are left out. */
export async function listSummaries(unit: string, options?: RequestOptions): Promise<Summary[]> {
  const address = withQuery('/api/communities', { unit });
  const { communities } = await getJson<{ communities: WireCommunitySummary[] }>(address, options);
  return communities.map(({ code, status, leaderless, overloaded }) => ({
    code,
    status,
    leaderless,
    overloaded,
  }));
}

export async function getStanding(community: string, options?: RequestOptions): Promise<Standing> {
  const wire = await getJson<WireCommunity>(addressOf(community), options);
  return {
    status: wire.status,
    counts: wire.micro_grids,
    seq: wire.seq,
    publishedSeq: wire.published_seq,
    publishedAt: wire.published_at === null ? null : new Date(wire.published_at),
    hands: wire.hands,
    against: new Map(wire.steps.map(({ step, why }) => [step, why])),
    lease: leaseOf(wire.lease),
    openComments: wire.open_comments,
  };
}

/** Takes a community a step on; refused with 409 if it was changed after `seq`. */
export async function takeStep(
  community: string,
  step: Step,
  { seq, note }: { seq: number; note: string },
): Promise<void> {
  await send(addressOf(community, `/${step}`), { method: 'POST', body: { seq, note } });
}

export async function getDifference(community: string, options?: RequestOptions): Promise<Difference> {
  const wire = await getJson<WireCommunityDifference>(addressOf(community, '/difference'), options);
  return {
    from: wire.from,
    to: wire.to,
    grids: wire.micro_grids.map(({ before, after, change, ...rest }) => ({
      ...rest,
      change: change,
      before: shapeOf(before),
      after: shapeOf(after),
    })),
    removed: wire.removed_borders.coordinates as Lines,
    added: wire.added_borders.coordinates as Lines,
  };
}

/** The micro-grids as they were at a seq; without one, as they are. */
export async function getCommunityAt(
  community: string,
  seq: number | null,
  options?: RequestOptions,
): Promise<GridShape[]> {
  const address = withQuery(addressOf(community, '/at'), { seq });
  const { features } = await getJson<WireCommunityState>(address, options);
  return features.map(shapeOf).filter((shape) => shape !== null);
}

export async function getCommunityHistory(
  community: string,
  options?: RequestOptions,
): Promise<CommunityChange[]> {
  const wire = await getJson<WireCommunityHistory>(addressOf(community, '/history?limit=200'), options);
  return wire.changesets.map(({ at, micro_grids, ...rest }) => ({
    ...rest,
    at: new Date(at),
    microGrids: micro_grids,
  }));
}

export async function getBlame(community: string, options?: RequestOptions): Promise<Stretch[]> {
  const { features } = await getJson<WireBlame>(addressOf(community, '/blame'), options);
  return features.map(({ geometry, properties: { micro_grids, at, ...rest } }) => ({
    ...rest,
    at: new Date(at),
    microGrids: micro_grids,
    lines: geometry.coordinates as Lines,
  }));
}

/** Brings an earlier state back, as drafts. */
export async function restoreCommunity(
  community: string,
  { seq, base, note }: { seq: number; base: number; note: string },
): Promise<void> {
  await send(addressOf(community, '/restore'), { method: 'POST', body: { seq, base, note } });
}

export async function listComments(community: string, options?: RequestOptions): Promise<Comment[]> {
  const { comments } = await getJson<WireComments>(addressOf(community, '/comments'), options);
  return comments.map(({ id, author, text, at, micro_grid, location, resolved_by }) => ({
    id,
    author,
    text,
    at: new Date(at),
    microGrid: micro_grid,
    location: location as LngLat | null,
    resolvedBy: resolved_by,
  }));
}

export async function addComment(
  community: string,
  comment: { text: string; location: LngLat | null; microGrid: string | null },
): Promise<void> {
  const body = {
    text: comment.text,
    ...(comment.location ? { location: comment.location } : {}),
    ...(comment.microGrid ? { micro_grid: comment.microGrid } : {}),
  };
  await send(addressOf(community, '/comments'), { method: 'POST', body });
}

export async function resolveComment(community: string, id: number, resolved: boolean): Promise<void> {
  await send(addressOf(community, `/comments/${String(id)}`), { method: 'PUT', body: { resolved } });
}

/** Says that one edits, or still does; refused with 409 while somebody else does, unless it is taken over. */
export async function takeLease(community: string, takeOver = false): Promise<Lease> {
  const { value } = await send<WireLease>(addressOf(community, '/lease'), {
    method: 'POST',
    body: { take_over: takeOver },
  });
  return { holder: value.holder, until: new Date(value.until) };
}

export async function endLease(community: string): Promise<void> {
  await send(addressOf(community, '/lease'), { method: 'DELETE' });
}

export async function getLeaders(community: string, options?: RequestOptions): Promise<CommunityLeaders> {
  const wire = await getJson<WireLeaders>(addressOf(community, '/leaders'), options);
  return {
    mayEdit: wire.may_edit,
    mayReveal: wire.may_reveal,
    grids: wire.micro_grids.map(({ leaders, missing, ...rest }) => ({
      ...rest,
      leaders: leaders.map(leaderOf),
      missing: missing as LeaderRole[],
    })),
  };
}

/** Shares out households among the unit leaders of each micro-grid; gives how many leaders lead others now. */
export async function balanceLeaders(community: string): Promise<number> {
  const { value } = await send<{ leaders: WireSteward[] }>(addressOf(community, '/leaders/balance'), {
    method: 'POST',
  });
  return value.leaders.length;
}

export interface Appointment {
  role: LeaderRole;
  households: number;
  selected: Selection;
  name: string;
  phone: string;
}

/** Appoints a leader, and writes down name and phone if there are any. */
export async function appointLeader(microGrid: string, given: Appointment): Promise<void> {
  const { role, households, selected, name, phone } = given;
  const body = { micro_grid: microGrid, role, households, selected };
  const { value } = await send<WireSteward>('/api/leaders', { method: 'POST', body });
  if (name !== '') await setContact(value.code, name, phone);
}

/** Changes what a leader does; name and phone stay. Refused with 409 if somebody else changed it first. */
export async function changeLeader(
  { code, version }: Leader,
  { role, households, selected }: Appointment,
): Promise<void> {
  const body = { role, households, selected, version };
  await send(`/api/leaders/${encodeURIComponent(code)}`, { method: 'PUT', body });
}

async function setContact(code: string, name: string, phone: string): Promise<void> {
  const address = `/api/leaders/${encodeURIComponent(code)}/contact`;
  await send(address, { method: 'PUT', body: { name, phone } });
}

export async function endLeader({ code, version }: Leader): Promise<void> {
  await send(withQuery(`/api/leaders/${encodeURIComponent(code)}`, { version }), { method: 'DELETE' });
}

/** Name and phone in full, for a reason that the audit trail keeps. */
export async function revealLeader(code: string, reason: string): Promise<{ name: string; phone: string }> {
  const { value } = await send<{ name: string; phone: string }>(
    `/api/leaders/${encodeURIComponent(code)}/reveal`,
    { method: 'POST', body: { reason } },
  );
  return value;
}

function leaseOf(wire: WireLease | null): Lease | null {
  return wire && { holder: wire.holder, until: new Date(wire.until) };
}

function leaderOf(wire: WireSteward): Leader {
  return {
    code: wire.code,
    role: wire.role as LeaderRole,
    households: wire.households,
    selected: wire.selected,
    maskedName: wire.masked_name,
    maskedPhone: wire.masked_phone,
    version: wire.version,
  };
}

function shapeOf(feature: unknown): GridShape | null {
  if (feature === null) return null;
  const { geometry, properties } = feature as WireFeature<WireMicroGrid>;
  return {
    code: properties.code,
    name: properties.name,
    households: properties.households,
    status: properties.status as ReviewStatus,
    polygons: (geometry?.coordinates ?? []) as GridShape['polygons'],
  };
}
