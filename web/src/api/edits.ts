// Changes to the city: one station, or a changeset of many that goes in as a whole or not at all.
import type { LngLat } from '../geo/distance.ts';
import type { Station } from '../model/city.ts';
import type { BulkEdit } from '../model/station-edit.ts';
import { stationOf } from './client.ts';
import { getJson, withQuery, type RequestOptions } from './http.ts';
import { fetchJson, send } from './send.ts';
import type {
  WireApplied,
  WireFeature,
  WireHistory,
  WireMicroGrid,
  WirePage,
  WireStation,
  WireUnit,
} from './types.ts';

/** A station with the mark of the version that it is at. */
export interface VersionedStation {
  station: Station;
  etag: string;
}

export async function readStation(code: string, signal?: AbortSignal): Promise<VersionedStation> {
  const { value, etag } = await fetchJson<WireFeature<WireStation>>(addressOf(code), {}, signal);
  return { station: stationOf(value), etag };
}

/** A change that went in, with the changeset that holds it. */
export interface Saved extends VersionedStation {
  changeset: number | null;
}

/** Changes a station if it is still at the version of the mark; otherwise it is refused with 412. */
export async function saveStation(before: Station, after: Station, etag: string): Promise<Saved> {
  const answer = await send<WireFeature<WireStation>>(addressOf(before.code), {
    method: 'PATCH',
    contentType: 'application/merge-patch+json',
    ifMatch: etag,
    body: patchOf(before, after),
  });
  const station = stationOf(answer.value);
  return { station, etag: answer.etag, changeset: await changesetOf(station) };
}

// Which changeset made a version. Without it the change stands all the same, but cannot be taken back here.
async function changesetOf({ code, version }: Station): Promise<number | null> {
  const address = withQuery(`/api/history/stations/${encodeURIComponent(code)}`, { limit: 10 });
  const history = await getJson<WireHistory>(address).catch(() => undefined);
  return history?.versions.find((one) => one.version === version)?.changeset ?? null;
}

/** What of a station is another, as a merge patch of its feature. */
export function patchOf(before: Station, after: Station): Record<string, unknown> {
  const [was, is] = [propertiesOf(before), propertiesOf(after)];
  const properties = Object.fromEntries(
    Object.entries(is).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(was[name])),
  );
  const moved = JSON.stringify(before.location) !== JSON.stringify(after.location);
  return {
    ...(moved ? { geometry: { type: 'Point', coordinates: after.location } } : {}),
    ...(Object.keys(properties).length > 0 ? { properties } : {}),
  };
}

/** How a changeset went in, or would. */
export interface Outcome {
  changeset: number | null;
  count: number;
}

/** Applies changes to many stations, all or none; a dry run only tells whether they would go in. */
export async function applyEdits(
  edits: readonly BulkEdit[],
  { reason, dryRun }: { reason: string; dryRun: boolean },
): Promise<Outcome> {
  const body = {
    reason,
    edits: edits.map(({ before, after }) => ({
      op: 'update',
      collection: 'stations',
      code: after.code,
      version: before.version,
      feature: featureOf(after),
    })),
  };
  const address = withQuery('/api/changesets', { dry_run: dryRun || undefined });
  const { value } = await send<WireApplied>(address, { method: 'POST', body });
  return { changeset: value.id, count: value.changes };
}

/** Writes down places as planned stations, all or none. */
export async function planStations(stations: readonly PlannedStation[], reason: string): Promise<Outcome> {
  const body = {
    reason,
    edits: stations.map((station) => ({
      op: 'create',
      collection: 'stations',
      code: station.code,
      feature: {
        type: 'Feature',
        id: station.code,
        geometry: { type: 'Point', coordinates: station.location },
        properties: {
          code: station.code,
          name: station.name,
          sponsor: 'party_centre',
          community: station.community,
          status: 'planned',
        },
      },
    })),
  };
  const { value } = await send<WireApplied>('/api/changesets', { method: 'POST', body });
  return { changeset: value.id, count: value.changes };
}

/** A station that is to be, in a community's rooms until somebody says otherwise. */
export interface PlannedStation {
  code: string;
  name: string;
  location: LngLat;
  community: string;
}

/** Takes a changeset back by another one; gives how many features that changed. */
export async function revertChangeset(changeset: number): Promise<number> {
  const { value } = await send<WireApplied>(`/api/changesets/${String(changeset)}/revert`, {
    method: 'POST',
  });
  return value.changes;
}

function featureOf(station: Station): Record<string, unknown> {
  return {
    type: 'Feature',
    id: station.code,
    geometry: { type: 'Point', coordinates: station.location },
    properties: propertiesOf(station),
  };
}

// The inverse of stationOf.
function propertiesOf(station: Station): Record<string, unknown> {
  return {
    code: station.code,
    name: station.name,
    kind: station.kind,
    sponsor: station.sponsor,
    address: station.address,
    capacity: station.capacity,
    opening_hours: station.openingHours,
    status: station.status,
    community: station.community,
    micro_grid: station.microGrid,
    confirmed_at: textOf(station.confirmedAt),
    entrance: station.entrance,
    approximate: station.approximate,
    synthetic: station.synthetic,
    services: station.services.map((one) => ({
      service: one.service,
      condition: one.condition,
      confirmed_at: textOf(one.confirmedAt),
    })),
  };
}

// To the second, as the server writes them.
function textOf(at: Date | null): string | null {
  return at ? at.toISOString().replace(/\.\d+Z$/, 'Z') : null;
}

/** In which community and micro-grid a place is. */
export interface Placement {
  community: string;
  microGrid: string;
}

/** The community and the micro-grid of a place; null outside of all communities. */
export async function placementOf([lng, lat]: LngLat, options?: RequestOptions): Promise<Placement | null> {
  const at = `S_INTERSECTS(geometry,POINT(${String(lng)} ${String(lat)}))`;
  const find = async <W>(collection: string, query: Record<string, string>) => {
    const address = withQuery(`/api/collections/${collection}/items`, {
      ...query,
      filter: at,
      limit: 1,
      skip_geometry: true,
    });
    return (await getJson<WirePage<W>>(address, options)).features[0]?.properties;
  };
  const grid = await find<WireMicroGrid>('micro_grids', {});
  if (grid) return { community: grid.community, microGrid: grid.code };
  const community = await find<WireUnit>('units', { level: 'community' });
  return community ? { community: community.code, microGrid: '' } : null;
}

function addressOf(code: string): string {
  return `/api/collections/stations/items/${encodeURIComponent(code)}`;
}
