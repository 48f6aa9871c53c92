import { describe, expect, it } from 'vitest';
import {
  addStation,
  closeStation,
  dropEdit,
  leaveAsIs,
  moveStation,
  packEdits,
  plainEdit,
  readEdit,
  setHours,
  setServices,
  touchedStations,
  unpackEdits,
  type Edits,
} from './scenario.ts';
import { redo, startAt, stepTo, undo } from './steps.ts';

const somewhere = { location: [119.74, 49.21], services: ['water', 'heating'] } as const;

describe('edits of a scenario', () => {
  it('name new stations by the lowest free code', () => {
    let edits = addStation(addStation([], somewhere), somewhere);
    expect(edits.map((edit) => 'station' in edit && edit.station)).toEqual(['new-1', 'new-2']);
    edits = addStation(leaveAsIs(edits, 'new-1'), somewhere);
    expect(edits.map((edit) => 'station' in edit && edit.station)).toEqual(['new-2', 'new-1']);
  });

  it('keep one edit of a kind for each station, in its place', () => {
    let edits: Edits = moveStation([], 'ST-1', [1, 2]);
    edits = setHours(edits, 'ST-1', '24/7');
    edits = moveStation(edits, 'ST-1', [3, 4]);
    expect(edits).toEqual([
      { kind: 'move_station', station: 'ST-1', location: [3, 4] },
      { kind: 'set_hours', station: 'ST-1', openingHours: '24/7' },
    ]);
  });

  it('change an added station where it is added', () => {
    let edits = addStation([], somewhere);
    edits = setServices(setHours(moveStation(edits, 'new-1', [3, 4]), 'new-1', ''), 'new-1', ['water']);
    expect(edits).toMatchObject([
      { location: [3, 4], openingHours: '', services: ['water'], heated: false, kind: 'add_station' },
    ]);
    expect(closeStation(edits, 'new-1')).toEqual([]);
  });

  it('forget what was said of a station that is closed', () => {
    const edits = closeStation(setHours(moveStation([], 'ST-1', [3, 4]), 'ST-1', ''), 'ST-1');
    expect(edits).toEqual([{ kind: 'close_station', station: 'ST-1' }]);
    expect(touchedStations(edits)).toMatchObject([{ code: 'ST-1', closed: true, location: null }]);
  });

  it('drop one edit, and with an added station all of it', () => {
    const edits = [
      ...addStation([], somewhere),
      { kind: 'set_capacity', station: 'new-1', capacity: 3 } as const,
      { kind: 'close_station', station: 'ST-1' } as const,
    ];
    expect(dropEdit(edits, 0)).toEqual([edits[2]]);
    expect(dropEdit(edits, 1)).toEqual([edits[0], edits[2]]);
  });
});

describe('edits in an address', () => {
  const edits: Edits = [
    ...addStation([], { ...somewhere, name: '新站 "一"' }),
    { kind: 'move_station', station: 'ST-1', location: [119.5, 49.2] },
    { kind: 'close_station', station: 'ST-2' },
    { kind: 'set_hours', station: 'ST-3', openingHours: 'Mo-Fr 08:30-17:30; Sa off' },
    { kind: 'set_services', station: 'ST-3', services: [] },
    { kind: 'set_capacity', station: 'ST-3', capacity: 12 },
    { kind: 'scale_demand', unit: '150702', perMille: 1200 },
  ];

  it('come back as they went', () => {
    for (const seq of [null, 0, 183]) {
      const packed = packEdits({ seq, edits });
      expect(packed).toMatch(/^[\w-]+$/);
      expect(unpackEdits(packed)).toEqual({ seq, edits });
    }
    expect(edits.map((edit) => readEdit(plainEdit(edit)))).toEqual(edits);
  });

  it('are none where they make no sense', () => {
    const packed = packEdits({ seq: null, edits });
    const wrong = [
      null,
      '',
      '*',
      packed.slice(0, -7),
      btoa('{"edits":3}').replaceAll('=', ''),
      btoa('{"edits":[{"kind":"burn_station","station":"ST-1"}]}').replaceAll('=', ''),
      'A'.repeat(8001),
    ];
    for (const text of wrong) expect(unpackEdits(text)).toBeNull();
  });
});

describe('steps', () => {
  it('go back to exactly what was, and forward again', () => {
    const states = [[1], [2], [3]];
    let steps = startAt<readonly number[]>(states[0] ?? []);
    for (const state of states.slice(1)) steps = stepTo(steps, state);
    steps = undo(undo(undo(steps)));
    expect(steps.now).toBe(states[0]);
    steps = redo(steps);
    expect(steps.now).toBe(states[1]);
    expect(redo(redo(steps)).now).toBe(states[2]);
    steps = stepTo(steps, states[0] ?? []);
    expect(redo(steps)).toBe(steps);
  });
});
