// Opening hours in the subset of OpenStreetMap's opening_hours that stations use, read as the server reads
// them, so that a phone without a network knows what is open. hours.cases.json holds the cases that both
// must pass.
//
//   24/7
//   Mo-Fr 08:30-17:30; Sa,Su 09:00-12:00,13:00-16:30; 2026-02-17 off
//   22:00-06:00
//
// A later rule replaces an earlier one for the days it names, and a dated rule replaces every weekday rule
// on its day. A span whose end is not after its start runs into the next day. Times are China's: UTC+8 all
// year, whatever the clock of the device says.
import type { OpenState } from './city.ts';

/** A time of opening in minutes from the start of its day; the end may pass 1440. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** What is known of the hours of a place; null where nobody knows. */
export type Hours = KnownHours | null;

interface KnownHours {
  /** By weekday, Sunday first: the spans that begin on that day. */
  readonly week: readonly (readonly Span[])[];
  /** By day, counted from 1970-01-01 in China. */
  readonly dates: ReadonlyMap<number, readonly Span[]>;
}

/** What hours say about a moment, and when that changes; null where it does not within eight days. */
export interface StateNow {
  readonly state: OpenState;
  readonly until: Date | null;
}

/** A day of the calendar with its opening hours. */
export interface DayHours {
  /** 0 is Sunday. */
  readonly weekday: number;
  /** Noon of the day in China, for showing its date. */
  readonly noon: Date;
  readonly spans: readonly Span[];
  /** The day has hours of its own, such as a holiday. */
  readonly special: boolean;
}

/** Says what cannot be read in opening hours. */
export class HoursError extends Error {
  override readonly name = 'HoursError';
}

const weekdays = ['Su', 'Mo', 'Tu', 'We', 'Th', 'Fr', 'Sa'];
const dayMinutes = 1440;
const minuteMs = 60_000;
const dayMs = dayMinutes * minuteMs;
const chinaMs = 8 * 60 * minuteMs;
const daysAhead = 8;
const maxTextBytes = 2000;
const maxSpansADay = 6;

/** Reads opening hours. The empty text gives unknown hours; text that breaks the rules throws. */
export function parseHours(text: string): Hours {
  if (new TextEncoder().encode(text).length > maxTextBytes) throw new HoursError('too long');
  if (text.trim() === '') return null;
  const week: (readonly Span[])[] = Array.from({ length: 7 }, () => []);
  const dates = new Map<number, readonly Span[]>();
  for (const rule of text.split(';')) addRule(rule.trim(), week, dates);
  return { week, dates };
}

/** Reads opening hours from the server, where hours that cannot be read are unknown hours. */
export function readHours(text: string): Hours {
  try {
    return parseHours(text);
  } catch (error) {
    if (error instanceof HoursError) return null;
    throw error;
  }
}

/** Whether the place is open at a moment, and when that next changes. */
export function stateAt(hours: Hours, at: Date): StateNow {
  if (!hours) return { state: 'unknown', until: null };
  const day = chinaDay(at);
  const minutes = (at.getTime() + chinaMs - day * dayMs) / minuteMs;
  const spans = spansAround(hours, day);
  for (const [index, { start, end }] of spans.entries()) {
    if (minutes < start) return { state: 'closed', until: instantOf(day, start) };
    if (minutes >= end) continue;
    const last = endOfTouching(spans, index);
    return { state: 'open', until: last >= (daysAhead + 1) * dayMinutes ? null : instantOf(day, last) };
  }
  return { state: 'closed', until: null };
}

/** The hours of the given number of days, from the day of the moment on. */
export function daysFrom(hours: Hours, at: Date, count: number): DayHours[] {
  if (!hours) return [];
  const first = chinaDay(at);
  return Array.from({ length: count }, (_, offset) => {
    const day = first + offset;
    return {
      weekday: weekdayOf(day),
      noon: instantOf(day, dayMinutes / 2),
      spans: spansOn(hours, day),
      special: hours.dates.has(day),
    };
  });
}

/** A span as one writes it: 08:30–17:30, 22:00–06:00, 00:00–24:00. */
export function spanText({ start, end }: Span): string {
  return `${clockText(start)}–${clockText(end > dayMinutes ? end - dayMinutes : end)}`;
}

/** Whether two moments fall on the same day, or the second on the day after, in China. */
export function daysBetween(from: Date, to: Date): number {
  return chinaDay(to) - chinaDay(from);
}

/** The weekday of a moment in China; 0 is Sunday. */
export function weekdayAt(at: Date): number {
  return weekdayOf(chinaDay(at));
}

function addRule(rule: string, week: (readonly Span[])[], dates: Map<number, readonly Span[]>): void {
  if (rule === '24/7') {
    week.fill([{ start: 0, end: dayMinutes }]);
    return;
  }
  const { selector, times } = splitRule(rule);
  const spans = parseSpans(times);
  if (/^\d/.test(selector)) {
    dates.set(parseDate(selector), spans);
    return;
  }
  for (const day of parseDays(selector)) week[day] = spans;
}

function splitRule(rule: string): { selector: string; times: string } {
  const space = rule.indexOf(' ');
  if (space >= 0) return { selector: rule.slice(0, space), times: rule.slice(space + 1).trim() };
  if (rule.includes(':')) return { selector: 'Mo-Su', times: rule };
  return { selector: rule, times: '' };
}

function parseDate(text: string): number {
  const instant = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : NaN;
  // Some engines roll 2026-02-30 over to March.
  if (Number.isNaN(instant) || new Date(instant).toISOString().slice(0, 10) !== text) {
    throw new HoursError(`no date: ${text}`);
  }
  return instant / dayMs;
}

function parseDays(selector: string): number[] {
  const days: number[] = [];
  for (const part of selector.split(',')) {
    const [first = '', ...rest] = part.split('-');
    const from = weekdays.indexOf(first);
    const to = rest.length > 0 ? weekdays.indexOf(rest.join('-')) : from;
    if (from < 0 || to < 0) throw new HoursError(`no weekday: ${part}`);
    const length = ((to - from + 7) % 7) + 1;
    for (let offset = 0; offset < length; offset++) days.push((from + offset) % 7);
  }
  return days;
}

function parseSpans(text: string): Span[] {
  if (text === 'off' || text === 'closed') return [];
  if (text === '') throw new HoursError('no times');
  const spans = text.split(',').map(parseSpan);
  if (spans.length > maxSpansADay) throw new HoursError('too many spans');
  spans.sort((a, b) => a.start - b.start);
  spans.reduce((before, span) => {
    if (span.start < before.end) throw new HoursError('spans overlap');
    return span;
  });
  return spans;
}

function parseSpan(text: string): Span {
  const trimmed = text.trim();
  const dash = trimmed.indexOf('-');
  if (dash < 0) throw new HoursError(`no end: ${trimmed}`);
  const start = parseClock(trimmed.slice(0, dash));
  const end = parseClock(trimmed.slice(dash + 1));
  if (start === dayMinutes) throw new HoursError('begins at 24:00');
  return { start, end: end <= start ? end + dayMinutes : end };
}

function parseClock(text: string): number {
  const [, hours = '', minutes = ''] = /^(\d\d):(\d\d)$/.exec(text) ?? [];
  const total = Number(hours) * 60 + Number(minutes);
  if (hours === '' || Number(minutes) > 59 || total > dayMinutes) {
    throw new HoursError(`no time: ${text}`);
  }
  return total;
}

function spansAround(hours: KnownHours, day: number): Span[] {
  const spans: Span[] = [];
  for (let offset = -1; offset <= daysAhead; offset++) {
    const shift = offset * dayMinutes;
    for (const { start, end } of spansOn(hours, day + offset)) {
      spans.push({ start: start + shift, end: end + shift });
    }
  }
  return spans;
}

// Midnight between two spans that touch is no change.
function endOfTouching(spans: readonly Span[], index: number): number {
  let end = spans[index]?.end ?? 0;
  for (const following of spans.slice(index + 1)) {
    if (following.start > end) break;
    end = Math.max(end, following.end);
  }
  return end;
}

function spansOn(hours: KnownHours, day: number): readonly Span[] {
  return hours.dates.get(day) ?? hours.week[weekdayOf(day)] ?? [];
}

function chinaDay(at: Date): number {
  return Math.floor((at.getTime() + chinaMs) / dayMs);
}

function instantOf(day: number, minutes: number): Date {
  return new Date(day * dayMs + minutes * minuteMs - chinaMs);
}

function weekdayOf(day: number): number {
  return (((day + 4) % 7) + 7) % 7; // 1970-01-01 was a Thursday
}

function clockText(minutes: number): string {
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
}
