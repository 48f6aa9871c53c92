// Editing stations: what a person changed, whose change wins when somebody was faster, and the same change to
// many stations at once. All of it is from state to state.
import type { LngLat } from '../geo/distance.ts';
import {
  SERVICES,
  type Condition,
  type Service,
  type Station,
  type StationService,
  type StationStatus,
} from './city.ts';
import { hoursFault } from './stations-table.ts';

/** What can be edited about a station. */
export interface StationDraft {
  name: string;
  address: string;
  /** As typed: what is not a whole number is told, not dropped. */
  capacity: string;
  status: StationStatus;
  openingHours: string;
  services: ReadonlyMap<Service, Condition>;
  location: LngLat;
  community: string;
  microGrid: string;
}

export const DRAFT_FIELDS = [
  'name',
  'address',
  'location',
  'status',
  'openingHours',
  'services',
  'capacity',
] as const;
export type DraftField = (typeof DRAFT_FIELDS)[number];

export function draftOf(station: Station): StationDraft {
  return {
    name: station.name,
    address: station.address,
    capacity: String(station.capacity),
    status: station.status,
    openingHours: station.openingHours,
    services: new Map(station.services.map(({ service, condition }) => [service, condition])),
    location: station.location,
    community: station.community,
    microGrid: station.microGrid,
  };
}

/** The fields in which two drafts differ. The units go with the place. */
export function changedFields(before: StationDraft, after: StationDraft): DraftField[] {
  return DRAFT_FIELDS.filter((field) => !sameField(before, after, field));
}

export function sameField(a: StationDraft, b: StationDraft, field: DraftField): boolean {
  switch (field) {
    case 'location':
      return a.location[0] === b.location[0] && a.location[1] === b.location[1];
    case 'services':
      return SERVICES.every((service) => a.services.get(service) === b.services.get(service));
    case 'openingHours':
      return a.openingHours.trim() === b.openingHours.trim();
    default:
      return a[field].trim() === b[field].trim();
  }
}

export type DraftFault = 'nameMissing' | 'nameLong' | 'addressLong' | 'capacityRange' | 'hoursUnreadable';

const mostSeats = 1000;
const longestName = 120;
const longestAddress = 300;

/** What is wrong with a draft, by field. */
export function draftFaults(draft: StationDraft): Partial<Record<DraftField, DraftFault>> {
  const faults: Partial<Record<DraftField, DraftFault>> = {};
  const name = draft.name.trim();
  if (name === '') faults.name = 'nameMissing';
  else if ([...name].length > longestName) faults.name = 'nameLong';
  if ([...draft.address.trim()].length > longestAddress) faults.address = 'addressLong';
  if (!/^\d+$/.test(draft.capacity.trim()) || Number(draft.capacity) > mostSeats)
    faults.capacity = 'capacityRange';
  if (hoursFault(draft.openingHours) !== null) faults.openingHours = 'hoursUnreadable';
  return faults;
}

/**
 * The station as the draft has it. A service whose condition changed was confirmed just now; the others were
 * when they were.
 */
export function applyDraft(station: Station, draft: StationDraft, now: Date): Station {
  const moved = !sameField(draftOf(station), draft, 'location');
  return {
    ...station,
    name: draft.name.trim(),
    address: draft.address.trim(),
    capacity: Number(draft.capacity),
    status: draft.status,
    openingHours: draft.openingHours.trim(),
    services: servicesOf(station.services, draft.services, now),
    location: draft.location,
    community: draft.community,
    microGrid: draft.microGrid,
    // Whoever put the pin there knows where it is.
    approximate: moved ? false : station.approximate,
  };
}

function servicesOf(
  before: readonly StationService[],
  wanted: ReadonlyMap<Service, Condition>,
  now: Date,
): StationService[] {
  return SERVICES.flatMap((service) => {
    const condition = wanted.get(service);
    if (condition === undefined) return [];
    const had = before.find((one) => one.service === service);
    const confirmedAt = had?.condition === condition ? had.confirmedAt : condition === 'unknown' ? null : now;
    return [{ service, condition, confirmedAt }];
  });
}

/** A field that two people changed, or in which they differ now. */
export interface Difference {
  field: DraftField;
  /** Changed by the one who saves. */
  mineChanged: boolean;
  /** Changed by the other. */
  theirsChanged: boolean;
}

/** What must be decided when somebody was faster: the fields in which mine and theirs differ. */
export function differences(base: StationDraft, mine: StationDraft, theirs: StationDraft): Difference[] {
  return changedFields(mine, theirs).map((field) => ({
    field,
    mineChanged: !sameField(base, mine, field),
    theirsChanged: !sameField(base, theirs, field),
  }));
}

/** Theirs, with the fields that are kept of mine. */
export function merge(mine: StationDraft, theirs: StationDraft, keep: ReadonlySet<DraftField>): StationDraft {
  const merged: Record<string, unknown> = { ...theirs };
  for (const field of keep) merged[field] = mine[field];
  if (keep.has('location')) {
    merged.community = mine.community;
    merged.microGrid = mine.microGrid;
  }
  return merged as unknown as StationDraft;
}

/** Services with one of them in another condition; null takes it away. */
export function withService(
  services: StationDraft['services'],
  service: Service,
  condition: Condition | null,
): StationDraft['services'] {
  const changed = new Map(services);
  if (condition === null) changed.delete(service);
  else changed.set(service, condition);
  return changed;
}

/** A change to many stations at once. */
export type BulkChange =
  | { kind: 'status'; status: StationStatus }
  | { kind: 'hours'; openingHours: string }
  | { kind: 'service'; service: Service; condition: Condition | null };

/** A draft after a change to many; null takes a service away. */
export function applyBulk(draft: StationDraft, change: BulkChange): StationDraft {
  switch (change.kind) {
    case 'status':
      return { ...draft, status: change.status };
    case 'hours':
      return { ...draft, openingHours: change.openingHours };
    case 'service':
      return { ...draft, services: withService(draft.services, change.service, change.condition) };
  }
}

export interface BulkEdit {
  before: Station;
  after: Station;
}

/** The stations that a change to many really changes, before and after. */
export function bulkEdits(stations: readonly Station[], change: BulkChange, now: Date): BulkEdit[] {
  return stations.flatMap((before) => {
    const draft = draftOf(before);
    const changed = applyBulk(draft, change);
    return changedFields(draft, changed).length === 0
      ? []
      : [{ before, after: applyDraft(before, changed, now) }];
  });
}
