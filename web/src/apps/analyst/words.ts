// Sentences that depend on the conditions of the view.
import type { Measure, Ramp } from '../../map/ramps.ts';
import type { AnalystView } from '../../model/coverage.ts';
import { formatDistance } from '../../ui/format.ts';
import type { Lang, Translate } from '../../ui/i18n.ts';
import type { messages } from './messages.ts';

type Say = Translate<keyof (typeof messages)['en']>;

/** "Share of households with heating within 1 km". */
export function meaningOf(view: AnalystView, t: Say, lang: Lang): string {
  const radius = formatRadius(view.radiusMeters, lang);
  if (view.service) return t('withinReachOf', { radius, service: t(view.service) });
  return t('withinReach', { radius });
}

/** What the colours of the map stand for. */
export function legendTitle(view: AnalystView, t: Say, lang: Lang): string {
  const radius = formatRadius(view.radiusMeters, lang);
  const service = view.service ? t(view.service) : '';
  if (view.measure === 'share') return t(view.service ? 'legendShareOf' : 'legendShare', { radius, service });
  return t(view.service ? 'legendUnmetOf' : 'legendUnmet', { radius, service });
}

/** What each class of a ramp says, made from its own breaks. */
export function classLabels(ramp: Ramp, measure: Measure, t: Say): string[] {
  return measure === 'share' ? shareLabels(ramp, t) : countLabels(ramp, t);
}

function shareLabels(ramp: Ramp, t: Say): string[] {
  return ramp.map(({ from }, index) => {
    const next = ramp[index + 1]?.from;
    if (from === 0) return t('classNone');
    if (next === undefined) return t('classAll');
    const to = percent(next);
    return index === 1 ? t('classPercentFirst', { to }) : t('classPercent', { from: percent(from), to });
  });
}

function countLabels(ramp: Ramp, t: Say): string[] {
  return ramp.map(({ from }, index) => {
    const next = ramp[index + 1]?.from;
    if (next === undefined) return t('classCountLast', { from });
    if (next - from <= 1) return t('classCountZero');
    return t('classCount', { from, to: next - 1 });
  });
}

function percent(share: number): string {
  return String(Math.round(share * 100));
}

/** A radius as a name: 500 m, 1 km, 1.5 km. */
export function formatRadius(metres: number, lang: Lang): string {
  if (metres < 1000) return formatDistance(metres, lang);
  const kilometres = (metres / 1000).toLocaleString(lang, { maximumFractionDigits: 1 });
  return `${kilometres} ${lang === 'zh-CN' ? '公里' : 'km'}`;
}
