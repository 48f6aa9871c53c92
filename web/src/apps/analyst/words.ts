// Sentences that depend on the conditions of the view.
import { breaksOfUnits, type Measure, type Ramp } from '../../map/ramps.ts';
import type { Level } from '../../model/city.ts';
import type { AnalystView } from '../../model/coverage.ts';
import type { Question } from '../../model/question.ts';
import { levelOf } from '../../model/units.ts';
import { formatDistance } from '../../ui/format.ts';
import { translate, type Lang, type Translate } from '../../ui/i18n.ts';
import { asked } from './asked-messages.ts';
import type { messages } from './messages.ts';

type Say = Translate<keyof (typeof messages)['en']>;

/** "Share of households with heating within 1 km (Tuesday 22:00)". */
export function meaningOf(view: AnalystView, t: Say, lang: Lang): string {
  const [radius, service] = [reachName(view, lang), serviceName(view, t, lang)];
  const meaning = service ? t('withinReachOf', { radius, service }) : t('withinReach', { radius });
  return meaning + circumstances(view, lang);
}

/** What the colours of the map stand for. */
export function legendTitle(view: AnalystView, t: Say, lang: Lang): string {
  const [radius, service] = [reachName(view, lang), serviceName(view, t, lang)];
  const title =
    view.measure === 'share'
      ? t(service ? 'legendShareOf' : 'legendShare', { radius, service })
      : view.display === 'units'
        ? t(service ? 'legendUnmetUnitOf' : 'legendUnmetUnit', { radius, service })
        : t(service ? 'legendUnmetOf' : 'legendUnmet', { radius, service });
  return title + circumstances(view, lang);
}

/** How far a station may be: 1 km, or 15 minutes on foot. */
function reachName({ mode, radiusMeters, minutes }: Question, lang: Lang): string {
  if (mode === 'radius') return formatRadius(radiusMeters, lang);
  return translate(asked, lang, mode === 'walk' ? 'onFoot' : 'byEbike', { minutes });
}

function serviceName({ services, rule }: Question, t: Say, lang: Lang): string {
  const type = rule === 'any' ? 'disjunction' : 'conjunction';
  const list = new Intl.ListFormat(lang, { type }).format(services.map((service) => t(service)));
  return services.length > 1 && rule === 'one_stop' ? translate(asked, lang, 'atOneStop', { list }) : list;
}

// When, and how cold: in brackets behind what is counted.
function circumstances({ hour, profile, celsius }: Question, lang: Lang): string {
  const parts = [
    ...(hour === null ? [] : [formatHour(hour, lang)]),
    ...(profile ? [translate(asked, lang, profile)] : []),
    ...(celsius === null ? [] : [formatCelsius(celsius)]),
  ];
  if (parts.length === 0) return '';
  return lang === 'zh-CN' ? `（${parts.join('，')}）` : ` (${parts.join(', ')})`;
}

export function formatCelsius(celsius: number): string {
  return `${celsius < 0 ? '−' : ''}${String(Math.abs(celsius))} °C`;
}

/** An hour of the week: Tuesday 22:00. */
export function formatHour(hour: number, lang: Lang): string {
  const monday = Date.UTC(2024, 0, 1);
  const day = new Intl.DateTimeFormat(lang, { weekday: 'long', timeZone: 'UTC' });
  return `${day.format(monday + hour * 3_600_000)} ${String(hour % 24).padStart(2, '0')}:00`;
}

/** Between which breaks the classes of the view lie; null for the standard ones of hexagons. */
export function breaksOf({ classes, display, measure }: AnalystView): readonly number[] | null {
  return classes?.breaks ?? (display === 'units' ? breaksOfUnits(measure) : null);
}

/** What each class of a ramp says, made from its own breaks. */
export function classLabels(ramp: Ramp, measure: Measure, t: Say, own = false): string[] {
  if (own && measure === 'share') return ownShareLabels(ramp, t);
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

function ownShareLabels(ramp: Ramp, t: Say): string[] {
  const exact = (share: number) => String(Number((share * 100).toFixed(1)));
  return ramp.map(({ from }, index) => {
    const next = ramp[index + 1]?.from;
    if (next === undefined) return t('classPercentLast', { from: exact(from) });
    return t('classPercentBelow', { from: exact(from), to: exact(next) });
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

/** The level of the units that a table of this unit ranks. */
export function levelBelow(unit: string | null): Exclude<Level, 'city'> {
  const above = unit === null ? 'city' : levelOf(unit);
  return above === 'city' ? 'banner' : above === 'banner' ? 'township' : 'community';
}
