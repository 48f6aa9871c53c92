// How long ago, in the words of the platform (Intl.RelativeTimeFormat), which a test holds these to; but with the
// space that Chinese puts between a figure and a character.
// To make one of the platform's took a fifth of the work between the stations' arrival and the rider's first card.
import { grouped } from './digits.ts';
import type { Lang } from './i18n.ts';

export type Unit = 'minute' | 'hour' | 'day' | 'month' | 'year';

const chinese = { minute: '分钟', hour: '小时', day: '天', month: '个月', year: '年' };

/** What has a word of its own, by how many ago. */
const near: Readonly<Record<Lang, Partial<Record<Unit, Readonly<Record<number, string>>>>>> = {
  'zh-CN': { day: { 0: '今天', 1: '昨天', 2: '前天' }, month: { 1: '上个月' }, year: { 1: '去年' } },
  en: { day: { 0: 'today', 1: 'yesterday' }, month: { 1: 'last month' }, year: { 1: 'last year' } },
};

/** So many whole units ago, of days from none on: 3 天前, yesterday, 2 hours ago. */
export function formatSpan(ago: number, unit: Unit, lang: Lang): string {
  return (
    near[lang][unit]?.[ago] ??
    (lang === 'zh-CN'
      ? `${grouped(ago)} ${chinese[unit]}前`
      : `${grouped(ago)} ${unit}${ago === 1 ? '' : 's'} ago`)
  );
}

/**
 * How long ago, in the largest unit that fits: 5 minutes ago, yesterday. What a slow clock takes for the future
 * is now.
 */
export function formatAgo(instant: Date, now: Date, lang: Lang): string {
  const minutes = (now.getTime() - instant.getTime()) / 60_000;
  for (const [unit, length] of lengths) {
    if (minutes >= length) return formatSpan(Math.floor(minutes / length), unit, lang);
  }
  return lang === 'zh-CN' ? '现在' : 'now';
}

const day = 1_440;
const lengths: readonly (readonly [Unit, number])[] = [
  ['year', 365 * day],
  ['month', 30 * day],
  ['day', day],
  ['hour', 60],
  ['minute', 1],
];
