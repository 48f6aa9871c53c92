// Figures of indicators for people.
import type { Indicator } from '../../model/indicator.ts';
import { formatShare } from '../../ui/format.ts';
import { translate, type Lang } from '../../ui/i18n.ts';
import { indicatorMessages } from './indicator-messages.ts';

/** The day it is in China, as dates of figures are written. */
export function today(): string {
  return new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10);
}

/** A figure with what it is measured in; no data is a dash. Where classes end is said exactly. */
export function formatFigure(
  value: number | null,
  { kind, measure }: Pick<Indicator, 'kind' | 'measure'>,
  lang: Lang,
  { short = false, exact = false } = {},
): string {
  if (value === null) return '–';
  if (kind === 'share') return formatShare(value, lang);
  const text = value.toLocaleString(lang, { maximumSignificantDigits: exact || kind === 'count' ? 15 : 4 });
  return measure === '' || short || exact ? text : `${text} ${measure}`;
}

/** From where to where a class of the map goes, the lowest being the first; breaks are the lower ends of the others. */
export function classRange(
  indicator: Pick<Indicator, 'kind' | 'measure'>,
  breaks: readonly number[],
  index: number,
  known: readonly number[],
  lang: Lang,
): string {
  const say = (value: number | undefined) => formatFigure(value ?? null, indicator, lang, { exact: true });
  const [from, to] = [breaks[index - 1], breaks[index]];
  if (index === 0)
    return to === undefined ? say(known[0]) : translate(indicatorMessages, lang, 'below', { to: say(to) });
  return to === undefined
    ? translate(indicatorMessages, lang, 'above', { from: say(from) })
    : translate(indicatorMessages, lang, 'between', { from: say(from), to: say(to) });
}
