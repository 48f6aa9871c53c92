import { describe, expect, it } from 'vitest';
import cases from './hours.cases.json';
import golden from './hours.golden.json';
import { daysBetween, daysFrom, HoursError, parseHours, readHours, spanText, stateAt } from './hours.ts';

describe('stateAt', () => {
  it.each(cases.states)('$name', ({ hours, at, state, until }) => {
    const got = stateAt(parseHours(hours), new Date(at));
    expect(got).toEqual({ state, until: until === null ? null : new Date(until) });
  });
});

describe('the phone and the server', () => {
  // What the server's own rules say, written down by its test TestGoldenHours.
  it.each(golden.hours.map((text, index) => [text, index] as const))('agree on "%s"', (text, index) => {
    const hours = readHours(text);
    const answers = golden.cases.filter(([of]) => of === index);
    const ours = answers.map(([of, at]) => {
      const { state, until } = stateAt(hours, new Date(Number(at) * 1000));
      return [of, at, state, until ? until.getTime() / 1000 : 0];
    });
    expect(ours).toEqual(answers);
  });

  it('agree on enough to mean something', () => {
    expect(golden.cases.length).toBeGreaterThan(1500);
  });
});

describe('parseHours', () => {
  it.each(cases.refused)('refuses %j', (text) => {
    expect(() => parseHours(text)).toThrow(HoursError);
    expect(readHours(text)).toBeNull();
  });

  it('refuses more than 2000 bytes', () => {
    expect(() => parseHours(' '.repeat(2001))).toThrow(HoursError);
  });
});

describe('daysFrom', () => {
  it('lists the days from now, holidays marked', () => {
    const hours = parseHours('Mo-Fr 08:30-17:30; Sa 22:00-06:00; 2026-01-06 off');
    const days = daysFrom(hours, new Date('2026-01-05T23:00:00+08:00'), 7);
    expect(days.map(({ weekday }) => weekday)).toEqual([1, 2, 3, 4, 5, 6, 0]);
    expect(days.map(({ spans }) => spans.map(spanText).join())).toEqual([
      '08:30–17:30',
      '',
      '08:30–17:30',
      '08:30–17:30',
      '08:30–17:30',
      '22:00–06:00',
      '',
    ]);
    expect(days.map(({ special }) => special)).toEqual([false, true, false, false, false, false, false]);
    expect(days[0]?.noon).toEqual(new Date('2026-01-05T12:00:00+08:00'));
  });

  it('writes the whole day to its end', () => {
    const [today] = daysFrom(parseHours('24/7'), new Date('2026-01-05T12:00:00+08:00'), 1);
    expect(today?.spans.map(spanText)).toEqual(['00:00–24:00']);
  });

  it('knows nothing of unknown hours', () => {
    expect(daysFrom(null, new Date(), 7)).toEqual([]);
  });
});

describe('daysBetween', () => {
  it.each([
    ['2026-01-05T23:59:00+08:00', '2026-01-06T00:00:00+08:00', 1],
    ['2026-01-05T00:00:00+08:00', '2026-01-05T23:59:00+08:00', 0],
    ['2026-01-05T15:59:00Z', '2026-01-05T16:00:00Z', 1],
  ])('%s to %s', (from, to, days) => {
    expect(daysBetween(new Date(from), new Date(to))).toBe(days);
  });
});
