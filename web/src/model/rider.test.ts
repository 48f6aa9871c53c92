import { describe, expect, it } from 'vitest';
import type { Condition, Service, Station } from './city.ts';
import {
  advise,
  alternatives,
  defaultFilters,
  offers,
  openingAt,
  rank,
  relax,
  rideMinutes,
  select,
  toggleService,
  toPlace,
  walkMinutes,
  warmFirst,
  type Place,
} from './rider.ts';

const hailar = [119.7364, 49.2122] as const;
const monday = (time: string) => new Date(`2026-01-05T${time}:00+08:00`);

/** A station some hundred metres north of Hailar's centre. */
function station(code: string, hundredMeters: number, more: Partial<Station> = {}): Station {
  return {
    code,
    name: code,
    kind: 'union',
    sponsor: 'union',
    address: '',
    capacity: 8,
    openingHours: '08:30-17:30',
    status: 'active',
    community: '150702001001',
    microGrid: '',
    services: (['water', 'rest'] as const).map((service) => has(service)),
    confirmedAt: null,
    location: [hailar[0], hailar[1] + (hundredMeters * 100) / 111_200],
    entrance: null,
    approximate: false,
    synthetic: true,
    version: 1,
    ...more,
  };
}

function has(service: Service, condition: Condition = 'working') {
  return { service, condition, confirmedAt: null };
}

function place(station: Station): Place {
  const [only] = toPlaces([station]);
  if (!only) throw new Error('one station gives one place');
  return only;
}

const codes = (found: readonly { station: Station }[]) => found.map(({ station: { code } }) => code);

const toPlaces = (stations: Station[]) => stations.map(toPlace);

describe('rank', () => {
  const places = toPlaces([
    station('FAR', 30),
    station('B', 5),
    station('A', 5),
    station('NEAR', 1),
    station('GONE', 0, { status: 'closed' }),
    station('PLANNED', 0, { status: 'planned' }),
  ]);

  it('orders by true distance, then code, and leaves out what is not in service', () => {
    expect(codes(rank(places, hailar, monday('12:00')))).toEqual(['NEAR', 'A', 'B', 'FAR']);
  });

  it('measures in metres', () => {
    expect(rank(places, hailar, monday('12:00'))[0]?.meters).toBeCloseTo(100, 0);
  });
});

describe('openingAt', () => {
  it.each([
    ['16:59', 'open', '17:30'],
    ['17:00', 'closing', '17:30'],
    ['17:29', 'closing', '17:30'],
    ['17:30', 'closed', null],
    ['08:29', 'closed', '08:30'],
  ])('at %s', (time, phase, until) => {
    const opening = openingAt(place(station('A', 1)), monday(time));
    expect(opening.phase).toBe(phase);
    if (until !== null) expect(opening.until).toEqual(monday(until));
  });

  it('never calls an always open place closing', () => {
    expect(openingAt(place(station('A', 1, { openingHours: '24/7' })), monday('23:45'))).toEqual({
      phase: 'open',
      until: null,
    });
  });

  it('calls hours that cannot be read unknown', () => {
    expect(openingAt(place(station('A', 1, { openingHours: 'sometimes' })), monday('12:00')).phase).toBe(
      'unknown',
    );
  });

  it('calls a suspended station closed', () => {
    expect(openingAt(place(station('A', 1, { status: 'suspended' })), monday('12:00')).phase).toBe('closed');
  });
});

describe('select', () => {
  const ranked = rank(
    toPlaces([
      station('BROKEN', 1, { services: [has('heating', 'broken')] }),
      station('LIMITED', 2, { services: [has('heating', 'limited'), has('water')] }),
      station('UNKNOWN', 3, { openingHours: '', services: [has('heating')] }),
      station('NIGHT', 4, { openingHours: '22:00-06:00', services: [has('heating')] }),
    ]),
    hailar,
    monday('12:00'),
  );

  it('counts unknown hours as not open', () => {
    expect(codes(select(ranked, defaultFilters))).toEqual(['BROKEN', 'LIMITED']);
  });

  it('counts a limited service and not a broken one', () => {
    expect(codes(select(ranked, { openNow: false, services: ['heating'] }))).toEqual([
      'LIMITED',
      'UNKNOWN',
      'NIGHT',
    ]);
  });

  it('asks for every service at once', () => {
    expect(codes(select(ranked, { openNow: true, services: ['heating', 'water'] }))).toEqual(['LIMITED']);
  });
});

describe('advise', () => {
  const at = (time: string, stations: Station[]) => rank(toPlaces(stations), hailar, monday(time));

  it('says nothing where something is near', () => {
    expect(advise(at('12:00', [station('A', 1)]), defaultFilters)).toBeNull();
  });

  it('names the filter whose loss brings the nearest, and how many', () => {
    const ranked = at('23:00', [
      station('HEATED', 2, { services: [has('heating')] }),
      station('HEATED2', 9, { services: [has('heating')] }),
      station('OPEN', 5, { openingHours: '24/7' }),
    ]);
    const advice = advise(ranked, { openNow: true, services: ['heating'] });
    expect(advice).toMatchObject({ drop: ['open'], count: 2 });
    expect(advice?.meters).toBeCloseTo(200, 0);
  });

  it('gives up everything where one filter is not enough', () => {
    const ranked = at('23:00', [station('A', 2), station('B', 3)]);
    expect(advise(ranked, { openNow: true, services: ['heating'] })).toMatchObject({
      drop: ['open', 'heating'],
      count: 2,
    });
  });

  it('offers a far shorter way where what was found is far', () => {
    const ranked = at('23:00', [station('A', 2), station('FAR', 50, { openingHours: '24/7' })]);
    expect(advise(ranked, defaultFilters)).toMatchObject({ drop: ['open'], count: 2 });
  });

  it('stays silent where giving up brings little', () => {
    const ranked = at('23:00', [station('A', 40), station('FAR', 50, { openingHours: '24/7' })]);
    expect(advise(ranked, defaultFilters)).toBeNull();
  });

  it('has nothing to say about no stations, or no filters', () => {
    expect(advise([], defaultFilters)).toBeNull();
    expect(advise(at('12:00', [station('A', 90)]), { openNow: false, services: [] })).toBeNull();
  });

  it('gives as many as it promised', () => {
    const ranked = at('23:00', [station('A', 2, { services: [has('heating')] }), station('B', 3)]);
    const filters = { openNow: true, services: ['heating'] } as const;
    const advice = advise(ranked, filters);
    expect(select(ranked, relax(filters, advice?.drop ?? []))).toHaveLength(advice?.count ?? -1);
  });
});

describe('alternatives', () => {
  it('puts open ones first, without the station itself', () => {
    const places = toPlaces([
      station('SELF', 0),
      station('CLOSED', 1, { openingHours: '22:00-06:00' }),
      station('OPEN', 5),
      station('OPEN2', 3),
      station('GONE', 1, { status: 'closed' }),
    ]);
    const self = places[0];
    if (!self) throw new Error('there is a first place');
    expect(codes(alternatives(places, self, monday('12:00'), 3))).toEqual(['OPEN2', 'OPEN', 'CLOSED']);
  });
});

describe('filters', () => {
  it('toggles a service', () => {
    const on = toggleService(defaultFilters, 'water');
    expect(on.services).toEqual(['water']);
    expect(toggleService(on, 'water')).toEqual(defaultFilters);
  });

  it('does not offer what is not there', () => {
    expect(offers(station('A', 1), 'heating')).toBe(false);
  });
});

describe('minutes', () => {
  it.each([
    [0, 0, 0],
    [1, 1, 1],
    [1000, 16, 6],
    [10_000, 156, 52],
  ])('%d m', (meters, walk, ride) => {
    expect([walkMinutes(meters), rideMinutes(meters)]).toEqual([walk, ride]);
  });
});

describe('warmFirst', () => {
  it('puts open and heated places first, each in the order of distance', () => {
    const heated = { services: [has('heating')] };
    const ranked = rank(
      toPlaces([
        station('cold', 1),
        station('shut', 2, { ...heated, openingHours: '20:00-21:00' }),
        station('warm', 3, heated),
        station('broken', 4, { services: [has('heating', 'broken')] }),
        station('unknown', 5, { ...heated, openingHours: '' }),
        station('warmer', 6, heated),
      ]),
      hailar,
      monday('12:00'),
    );
    expect(codes(warmFirst(ranked))).toEqual(['warm', 'warmer', 'cold', 'shut', 'broken', 'unknown']);
  });
});
