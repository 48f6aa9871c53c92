// Sentences that are made of figures and times.
import { freshnessAt } from '../../model/freshness.ts';
import { daysBetween } from '../../model/hours.ts';
import type { Opening, Place, Wish } from '../../model/rider.ts';
import type { Service } from '../../model/city.ts';
import { formatSpan } from '../../ui/ago.ts';
import { formatTime, inCity } from '../../ui/format.ts';
import type { Lang, Translate } from '../../ui/i18n.ts';
import type { MessageKey } from './messages.ts';

type Say = Translate<MessageKey>;

/** What stands on a card: open until 22:00; closed, opens tomorrow 08:00. */
export function sayOpening(
  station: Place,
  { phase, until }: Opening,
  now: Date,
  say: Say,
  lang: Lang,
): string {
  switch (station.status) {
    case 'suspended':
      return say('suspended');
    case 'planned':
      return say('planned');
    case 'closed':
      return say('removed');
    case 'active':
      break;
  }
  const time = until ? sayTime(until, now, say, lang) : '';
  switch (phase) {
    case 'open':
      return until ? tight(say('openUntil', { time })) : say('alwaysOpen');
    case 'closing':
      return say('closing', { time, minutes: minutesLeft(until, now) });
    case 'closed':
      return until ? say('closedUntil', { time }) : say('closed');
    case 'unknown':
      return say('hoursUnknown');
  }
}

/** 22:00, tomorrow 08:00, Monday 08:00. */
function sayTime(at: Date, now: Date, say: Say, lang: Lang): string {
  const time = formatTime(at);
  const days = daysBetween(now, at);
  if (days <= 0) return time;
  if (days === 1) return `${say('tomorrow')} ${time}`;
  return `${sayWeekday(at, lang)} ${time}`;
}

/** Monday, as short as the language has it: 周一, Mon. */
export function sayWeekday(at: Date, lang: Lang): string {
  const day = inCity(at);
  return lang === 'zh-CN' ? `周${'日一二三四五六'.charAt(day.getUTCDay())}` : day.toUTCString().slice(0, 3);
}

/** 12 min, 2.5 h. */
export function sayMinutes(minutes: number, say: Say): string {
  if (minutes <= 90) return say('minutes', { count: minutes });
  return say('hours', { count: Math.round(minutes / 30) / 2 });
}

/** How many days ago, for what is known to the day: today, yesterday, 15 天前. */
export function sayDay(at: Date, now: Date, lang: Lang): string {
  const days = Math.max(0, daysBetween(at, now));
  const [size, unit] =
    days < 60 ? ([1, 'day'] as const) : days < 365 ? ([30, 'month'] as const) : ([365, 'year'] as const);
  return formatSpan(Math.floor(days / size), unit, lang);
}

/** When somebody last saw it so, and what that is worth now. */
export function sayConfirmed(confirmedAt: Date | null, now: Date, say: Say, lang: Lang): string {
  if (!confirmedAt) return say('neverConfirmed');
  const ago = sayDay(confirmedAt, now, lang);
  const stale = freshnessAt(confirmedAt, now) === 'stale';
  return say(stale ? 'confirmedLong' : 'confirmed', { ago });
}

/** The names of filters as one puts them between quotes. */
export function sayWishes(wishes: readonly Wish[], say: Say, sayService: Translate<Service>): string {
  return wishes.map((wish) => (wish === 'open' ? say('openNow') : sayService(wish))).join(say('and'));
}

// Chinese puts a space beside figures, not between characters.
function tight(text: string): string {
  return text.replace(/(\p{Script=Han}) (?=\p{Script=Han})/gu, '$1');
}

function minutesLeft(until: Date | null, now: Date): number {
  return until ? Math.ceil((until.getTime() - now.getTime()) / 60_000) : 0;
}
