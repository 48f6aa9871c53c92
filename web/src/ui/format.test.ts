import { describe, expect, it } from 'vitest';
import { formatAgo, formatArea, formatCount, formatDistance, formatShare, formatTime } from './format.ts';

describe('formatDistance', () => {
  it.each([
    [0, '0 米', '0 m'],
    [8.4, '8 米', '8 m'],
    [99.4, '99 米', '99 m'],
    [123, '120 米', '120 m'],
    [994, '990 米', '990 m'],
    [995, '1.0 公里', '1.0 km'],
    [1234, '1.2 公里', '1.2 km'],
    [9960, '10 公里', '10 km'],
    [1_234_567, '1,235 公里', '1,235 km'],
  ])('%d m', (metres, chinese, english) => {
    expect(formatDistance(metres, 'zh-CN')).toBe(chinese);
    expect(formatDistance(metres, 'en')).toBe(english);
  });
});

describe('formatShare', () => {
  it('never rounds a part to all or nothing', () => {
    expect(formatShare(1, 'en')).toBe('100.0%');
    expect(formatShare(0.99999, 'en')).toBe('99.9%');
    expect(formatShare(0, 'en')).toBe('0.0%');
    expect(formatShare(0.00001, 'en')).toBe('0.1%');
    expect(formatShare(0.4567, 'zh-CN')).toBe('45.7%');
  });
  it('draws a dash without demand', () => {
    expect(formatShare(null, 'zh-CN')).toBe('–');
  });
});

describe('formatArea', () => {
  it.each([
    [812, '812 m²'],
    [24_600, '2.46 ha'],
    [3_210_000, '3.21 km²'],
    [253_000_000_000, '253,000 km²'],
  ])('%d m²', (area, text) => {
    expect(formatArea(area, 'en')).toBe(text);
  });
});

describe('formatTime', () => {
  it('is the time of the city, whatever the clock of the device', () => {
    expect(formatTime(new Date('2026-03-09T14:05:00Z'), 'zh-CN')).toBe('22:05');
    expect(formatTime(new Date('2026-03-09T16:00:00Z'), 'en')).toBe('00:00');
  });
});

describe('formatAgo', () => {
  const now = new Date('2026-03-09T12:00:00Z');
  const ago = (seconds: number) => formatAgo(new Date(now.getTime() - seconds * 1000), now, 'en');
  it('takes the largest unit that fits', () => {
    expect(ago(0)).toBe('now');
    expect(ago(59)).toBe('now');
    expect(ago(61)).toBe('1 minute ago');
    expect(ago(7200)).toBe('2 hours ago');
    expect(ago(86_400)).toBe('yesterday');
  });
});

describe('formatCount', () => {
  it('groups', () => {
    expect(formatCount(1_152_112, 'zh-CN')).toBe('1,152,112');
  });
});
