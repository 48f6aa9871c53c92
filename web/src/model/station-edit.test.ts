import { describe, expect, it } from 'vitest';
import type { Condition, Service, Station } from './city.ts';
import {
  applyDraft,
  bulkEdits,
  changedFields,
  differences,
  draftFaults,
  draftOf,
  merge,
  withService,
} from './station-edit.ts';

const long = new Date('2026-01-01T00:00:00Z');
const now = new Date('2026-11-24T00:00:00Z');

const station: Station = {
  code: '150702-0001',
  name: '天润驿站',
  kind: 'union',
  sponsor: 'union',
  address: '正阳街',
  capacity: 10,
  openingHours: '24/7',
  status: 'active',
  community: '150702001001',
  microGrid: '150702001001019',
  services: [
    { service: 'water', condition: 'working', confirmedAt: long },
    { service: 'rest', condition: 'limited', confirmedAt: null },
  ],
  confirmedAt: long,
  location: [119.7, 49.2],
  entrance: null,
  approximate: true,
  synthetic: true,
  version: 4,
};
const draft = draftOf(station);
const services = (...pairs: [Service, Condition][]) => new Map(pairs);

describe('changedFields', () => {
  it('finds nothing in a draft as it was made', () => {
    expect(changedFields(draft, draftOf(station))).toEqual([]);
    expect(changedFields(draft, { ...draft, name: ' 天润驿站 ' })).toEqual([]);
  });
  it('finds each field by itself', () => {
    expect(changedFields(draft, { ...draft, name: '天润' })).toEqual(['name']);
    expect(changedFields(draft, { ...draft, location: [119.7, 49.2000001] })).toEqual(['location']);
    expect(changedFields(draft, { ...draft, services: services(['water', 'working']) })).toEqual([
      'services',
    ]);
    // The order in which services are kept says nothing.
    const turned = services(['rest', 'limited'], ['water', 'working']);
    expect(changedFields(draft, { ...draft, services: turned })).toEqual([]);
  });
});

describe('applyDraft', () => {
  it('gives the station back where nothing was changed', () => {
    expect(applyDraft(station, draft, now)).toEqual(station);
  });
  it('confirms the services that it changes, and no others', () => {
    const changed = withService(withService(draft.services, 'rest', 'broken'), 'wifi', 'unknown');
    expect(applyDraft(station, { ...draft, services: changed }, now).services).toEqual([
      { service: 'water', condition: 'working', confirmedAt: long },
      { service: 'rest', condition: 'broken', confirmedAt: now },
      { service: 'wifi', condition: 'unknown', confirmedAt: null },
    ]);
  });
  it('takes a place that somebody pointed at for certain', () => {
    expect(applyDraft(station, { ...draft, location: [119.71, 49.2] }, now).approximate).toBe(false);
    expect(applyDraft(station, { ...draft, capacity: '12' }, now)).toMatchObject({
      approximate: true,
      capacity: 12,
    });
  });
});

describe('draftFaults', () => {
  it.each([
    [{ name: ' ' }, { name: 'nameMissing' }],
    [{ name: '驿'.repeat(121) }, { name: 'nameLong' }],
    [{ name: '驿'.repeat(120), address: '街'.repeat(300) }, {}],
    [{ address: '街'.repeat(301) }, { address: 'addressLong' }],
    [{ capacity: '1000' }, {}],
    [{ capacity: '1001' }, { capacity: 'capacityRange' }],
    [{ capacity: '-1' }, { capacity: 'capacityRange' }],
    [{ capacity: '2.5' }, { capacity: 'capacityRange' }],
    [{ capacity: '' }, { capacity: 'capacityRange' }],
    [{ openingHours: 'always' }, { openingHours: 'hoursUnreadable' }],
    [{ openingHours: '' }, {}],
  ])('%j: %j', (change, faults) => {
    expect(draftFaults({ ...draft, ...change })).toEqual(faults);
  });
});

describe('a conflict', () => {
  const mine = { ...draft, name: '我的', capacity: '20' };
  const theirs = { ...draft, name: '对方', status: 'closed' as const, capacity: '20' };
  it('is about the fields in which the two differ now', () => {
    expect(differences(draft, mine, theirs)).toEqual([
      { field: 'name', mineChanged: true, theirsChanged: true },
      { field: 'status', mineChanged: false, theirsChanged: true },
    ]);
  });
  it('is settled field by field', () => {
    expect(merge(mine, theirs, new Set(['name']))).toMatchObject({ name: '我的', status: 'closed' });
    expect(merge(mine, theirs, new Set())).toEqual(theirs);
  });
  it('keeps the units with the place', () => {
    const moved = { ...draft, location: [119.8, 49.2] as const, community: '150702001002', microGrid: '' };
    expect(merge(moved, theirs, new Set(['location']))).toMatchObject({
      location: [119.8, 49.2],
      community: '150702001002',
      microGrid: '',
      name: '对方',
    });
  });
});

describe('bulkEdits', () => {
  const closed: Station = { ...station, code: '150702-0002', status: 'closed' };
  it('leaves out what is so already', () => {
    const edits = bulkEdits([station, closed], { kind: 'status', status: 'closed' }, now);
    expect(edits.map(({ before, after }) => [before.code, after.status])).toEqual([
      ['150702-0001', 'closed'],
    ]);
  });
  it('changes one service and leaves the others', () => {
    const [edit] = bulkEdits([station], { kind: 'service', service: 'water', condition: null }, now);
    expect(edit?.after.services).toEqual([{ service: 'rest', condition: 'limited', confirmedAt: null }]);
    expect(edit?.before).toBe(station);
  });
  it('sets hours', () => {
    const [edit] = bulkEdits([station], { kind: 'hours', openingHours: ' 08:00-22:00 ' }, now);
    expect(edit?.after.openingHours).toBe('08:00-22:00');
  });
});
