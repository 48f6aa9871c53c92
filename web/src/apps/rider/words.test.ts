import { describe, expect, it } from 'vitest';
import { parseHours, stateAt } from '../../model/hours.ts';
import { openingAt, type Place } from '../../model/rider.ts';
import { translate, type Lang } from '../../ui/i18n.ts';
import { serviceNames } from '../../ui/services.ts';
import { messages, type MessageKey } from './messages.ts';
import { sayConfirmed, sayDay, sayMinutes, sayOpening, sayWeekday, sayWishes } from './words.ts';

const say =
  (lang: Lang) =>
  (key: MessageKey, params?: Record<string, string | number>): string =>
    translate(messages, lang, key, params);

function place(hours: string, status: Place['status'] = 'active'): Place {
  return { hours: parseHours(hours), status } as Place;
}

describe('sayOpening', () => {
  const week = 'Mo-Fr 08:30-17:30; Sa 22:00-06:00';
  it.each([
    ['24/7', '2026-11-23T10:00', '全天开放', 'Open day and night'],
    [week, '2026-11-23T10:00', '开放至 17:30', 'Open until 17:30'],
    [week, '2026-11-23T17:05', '17:30 关门，剩 25 分', 'Closes at 17:30, in 25 min'],
    [week, '2026-11-23T07:00', '已关门，08:30 开', 'Closed, opens 08:30'],
    [week, '2026-11-23T18:00', '已关门，明天 08:30 开', 'Closed, opens tomorrow 08:30'],
    [week, '2026-11-29T12:00', '已关门，明天 08:30 开', 'Closed, opens tomorrow 08:30'],
    [week, '2026-11-28T23:00', '开放至明天 06:00', 'Open until tomorrow 06:00'],
    ['Fr 08:30-17:30', '2026-11-23T12:00', '已关门，周五 08:30 开', 'Closed, opens Fri 08:30'],
    ['Mo-Su off', '2026-11-23T12:00', '已关门', 'Closed'],
    ['', '2026-11-23T12:00', '开放时间不详', 'Hours unknown'],
  ])('%s at %s', (hours, at, chinese, english) => {
    const now = new Date(`${at}:00+08:00`);
    const station = place(hours);
    expect(sayOpening(station, openingAt(station, now), now, say('zh-CN'), 'zh-CN')).toBe(chinese);
    expect(sayOpening(station, openingAt(station, now), now, say('en'), 'en')).toBe(english);
  });

  it('says that a station is out of service, whatever its hours', () => {
    const now = new Date('2026-11-23T10:00:00+08:00');
    const station = place('24/7', 'suspended');
    expect(stateAt(station.hours, now).state).toBe('open');
    expect(sayOpening(station, openingAt(station, now), now, say('zh-CN'), 'zh-CN')).toBe('暂停服务');
  });
});

it.each([
  [1, '1 分'],
  [90, '90 分'],
  [91, '1.5 小时'],
  [1110, '18.5 小时'],
])('%d minutes are %s', (minutes, words) => {
  expect(sayMinutes(minutes, say('zh-CN'))).toBe(words);
});

it('joins filters between quotes', () => {
  const words = sayWishes(['open', 'water'], say('zh-CN'), (key) => translate(serviceNames, 'zh-CN', key));
  expect(`“${words}”`).toBe('“现在开门”和“饮水”');
});

describe('sayDay', () => {
  const now = new Date('2026-11-23T10:10:00+08:00');
  it.each([
    ['2026-11-23T00:00:00+08:00', '今天', 'today'],
    ['2026-11-25T00:00:00+08:00', '今天', 'today'], // a slow clock
    ['2026-11-22T23:00:00+08:00', '昨天', 'yesterday'],
    ['2026-11-08T00:00:00+08:00', '15 天前', '15 days ago'],
    ['2026-09-20T00:00:00+08:00', '2 个月前', '2 months ago'],
    ['2025-11-01T00:00:00+08:00', '去年', 'last year'],
  ])('%s', (at, chinese, english) => {
    expect(sayDay(new Date(at), now, 'zh-CN')).toBe(chinese);
    expect(sayDay(new Date(at), now, 'en')).toBe(english);
  });

  it('says what a confirmation is still worth', () => {
    const confirmed = (at: string | null) =>
      sayConfirmed(at === null ? null : new Date(at), now, say('zh-CN'), 'zh-CN');
    expect(confirmed('2026-11-20T00:00:00+08:00')).toBe('3 天前确认');
    expect(confirmed('2026-08-20T00:00:00+08:00')).toBe('3 个月前确认，可能有变');
    expect(confirmed(null)).toBe('还没有人确认过');
  });
});

describe('sayWeekday', () => {
  it.each(['zh-CN', 'en'] as const)('is said as the platform says it in %s', (lang) => {
    const platform = new Intl.DateTimeFormat(lang, { weekday: 'short', timeZone: 'Asia/Shanghai' });
    for (let hour = 0; hour < 8 * 24; hour++) {
      const at = new Date(Date.UTC(2026, 10, 29, hour));
      expect(sayWeekday(at, lang)).toBe(platform.format(at));
    }
  });
});
