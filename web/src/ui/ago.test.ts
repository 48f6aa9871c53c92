import { describe, expect, it } from 'vitest';
import { formatAgo, formatSpan, type Unit } from './ago.ts';
import { LANGS } from './i18n.ts';

describe.each(LANGS)('in %s', (lang) => {
  const platform = new Intl.RelativeTimeFormat(lang, { numeric: 'auto' });

  it.each<Unit>(['minute', 'hour', 'day', 'month', 'year'])(
    'a %s is said as the platform says it',
    (unit) => {
      // Of none but days it has words that nobody is told: they are now.
      for (let ago = unit === 'day' ? 0 : 1; ago <= 1_200; ago++) {
        expect(formatSpan(ago, unit, lang)).toBe(
          platform.format(-ago, unit).replace(/(\d)(?=\p{Script=Han})/u, '$1 '),
        );
      }
    },
  );

  it('less than a minute is now, and so is the future', () => {
    const at = new Date('2026-03-09T12:00:00Z');
    for (const seconds of [-59, 0, 59, 7_200]) {
      expect(formatAgo(new Date(at.getTime() + seconds * 1000), at, lang)).toBe(platform.format(0, 'second'));
    }
  });
});

describe('formatAgo', () => {
  const now = new Date('2026-03-09T12:00:00Z');
  const ago = (seconds: number) => formatAgo(new Date(now.getTime() - seconds * 1000), now, 'en');
  it('takes the largest unit that fits', () => {
    expect(ago(61)).toBe('1 minute ago');
    expect(ago(7200)).toBe('2 hours ago');
    expect(ago(86_400)).toBe('yesterday');
    expect(ago(400 * 86_400)).toBe('last year');
  });
});
