// Figures of indicators for people.
import type { Indicator } from '../../model/indicator.ts';
import { formatShare } from '../../ui/format.ts';
import type { Lang } from '../../ui/i18n.ts';

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
