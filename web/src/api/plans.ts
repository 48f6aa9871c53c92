// A community as the planner draws it: read as a whole, and saved as one changeset.
import type { GridEdit } from '../model/plan/changes.ts';
import type { Coordinates, GridFeature } from '../model/plan/plan.ts';
import { getJson, withQuery, type RequestOptions } from './http.ts';
import type { LngLat } from '../geo/distance.ts';
import { RefusedError, send } from './send.ts';
import type { WireApplied, WireFeature, WireMicroGrid, WirePage, WireUnit } from './types.ts';

/** A community with its micro-grids as they were at a seq. */
export interface Community {
  readonly seq: number;
  readonly grids: GridFeature[];
  /** Null where the community has no territory of its own. */
  readonly outline: Coordinates | null;
}

/** A community has at most 999 micro-grids, by its codes. */
const mostGrids = 1000;

export async function readCommunity(code: string, options?: RequestOptions): Promise<Community> {
  const [unit, page] = await Promise.all([
    getJson<WireFeature<WireUnit>>(`/api/collections/units/items/${code}`, options),
    getJson<WirePage<WireMicroGrid>>(
      withQuery('/api/collections/micro_grids/items', { unit: code, limit: mostGrids }),
      options,
    ),
  ]);
  return { seq: page.seq, grids: page.features.map(gridOf), outline: coordinatesOf(unit) };
}

function gridOf(feature: WireFeature<WireMicroGrid>): GridFeature {
  const { code, community, name, households, zone, status, synthetic, version } = feature.properties;
  const coordinates = coordinatesOf(feature) ?? [];
  return { code, community, name, households, zone, status, synthetic, version, coordinates };
}

function coordinatesOf({ geometry }: WireFeature<unknown>): Coordinates | null {
  return geometry?.type === 'MultiPolygon' ? (geometry.coordinates as unknown as Coordinates) : null;
}

/** How a plan went in. */
export interface SavedPlan {
  readonly changeset: number | null;
  readonly changes: number;
  readonly lastSeq: number | null;
}

/** Saves all or nothing. What somebody else changed first is refused with 409. */
export async function savePlan(
  edits: readonly GridEdit[],
  reason: string,
  signal?: AbortSignal,
): Promise<SavedPlan> {
  const body = { reason, edits: edits.map(sentOf) };
  const { value } = await send<WireApplied>('/api/changesets', { method: 'POST', body, signal });
  return { changeset: value.id, changes: value.changes, lastSeq: value.last_seq };
}

function sentOf(edit: GridEdit): Record<string, unknown> {
  const { op, code } = edit;
  const head = { op, collection: 'micro_grids', code };
  if (edit.op === 'delete') return { ...head, version: edit.version };
  const { coordinates, ...properties } = edit.grid;
  const geometry = { type: 'MultiPolygon', coordinates };
  const feature = { type: 'Feature', id: code, geometry, properties };
  return edit.op === 'update' ? { ...head, version: edit.version, feature } : { ...head, feature };
}

/** A place at which the server finds a rule broken. */
export interface BrokenPlace {
  readonly kind: string;
  readonly codes: readonly string[];
  /** To be drawn: lines, or single places. */
  readonly lines: readonly (readonly LngLat[])[];
}

/** The places that a refusal names; none where it is about something else. */
export function brokenPlaces(error: unknown): BrokenPlace[] {
  if (!(error instanceof RefusedError)) return [];
  return (error.where?.features ?? []).map(({ geometry, properties }) => ({
    kind: properties.kind,
    codes: properties.micro_grids,
    lines: linesOf((geometry as { coordinates?: unknown } | null)?.coordinates),
  }));
}

// The innermost lists of places, whatever they are nested in.
function linesOf(coordinates: unknown): LngLat[][] {
  if (!Array.isArray(coordinates) || coordinates.length === 0) return [];
  if (typeof coordinates[0] === 'number') return [[coordinates as unknown as LngLat]];
  const [first] = coordinates as unknown[][];
  if (typeof first?.[0] === 'number') return [coordinates as LngLat[]];
  return coordinates.flatMap(linesOf);
}
