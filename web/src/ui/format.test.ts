import { describe, expect, it } from 'vitest';
import { formatArea, formatCount, formatDistance, formatShare, formatTime } from './format.ts';

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
  it('rounds and groups kilometres as the platform does', () => {
    const tenths = new Intl.NumberFormat('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 });
    const wholes = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
    for (let metres = 995; metres < 2_000_000; metres += 97) {
      const format = metres < 9950 ? tenths : wholes;
      expect(formatDistance(metres, 'en')).toBe(`${format.format(metres / 1000)} km`);
    }
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
    expect(formatTime(new Date('2026-03-09T14:05:00Z'))).toBe('22:05');
    expect(formatTime(new Date('2026-03-09T16:00:00Z'))).toBe('00:00');
  });
});

describe('formatCount', () => {
  it('groups', () => {
    expect(formatCount(1_152_112, 'zh-CN')).toBe('1,152,112');
  });
});
