// Figures for people. Set them in an element with tabular figures (class "figure").
import { grouped } from './digits.ts';
import type { Lang } from './i18n.ts';

/** Metres as one says them: 85 m, 850 m, 1.2 km, 34 km. */
export function formatDistance(metres: number, lang: Lang): string {
  const [short, long] = lang === 'zh-CN' ? ['米', '公里'] : ['m', 'km'];
  if (metres < 995) return `${roundTo(metres, metres < 100 ? 1 : 10)} ${short}`;
  const kilometres =
    metres < 9950 ? (Math.round(metres / 100) / 10).toFixed(1) : grouped(Math.round(metres / 1000));
  return `${kilometres} ${long}`;
}

/** A whole number, grouped: 1,152,112. */
export function formatCount(count: number, lang: Lang): string {
  return wholesIn(lang).format(Math.round(count));
}

/** A round number in little room: 1千, 1K. */
export function formatShort(count: number, lang: Lang): string {
  if (count < 1000) return formatCount(count, lang);
  return lang === 'zh-CN' ? `${formatCount(count / 1000, lang)}千` : `${formatCount(count / 1000, lang)}k`;
}

/** What became more or less, with its sign: +1,200, −85, 0. */
export function formatChange(count: number, lang: Lang): string {
  return Math.round(count).toLocaleString(lang, { signDisplay: 'exceptZero' }).replace('-', '−');
}

/** A share of 0 to 1 as a percentage with one digit; a share without demand is a dash. */
export function formatShare(share: number | null, lang: Lang): string {
  if (share === null) return '–';
  // 99.96 % must not read as all, nor 0.04 % as none.
  const shown = share > 0 && share < 0.001 ? 0.001 : share < 1 && share > 0.999 ? 0.999 : share;
  return shown.toLocaleString(lang, {
    style: 'percent',
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  });
}

/** Square metres as m², hectares or km², in three significant digits. */
export function formatArea(squareMetres: number, lang: Lang): string {
  const [size, unit] =
    squareMetres < 10_000
      ? [squareMetres, lang === 'zh-CN' ? '平方米' : 'm²']
      : squareMetres < 1_000_000
        ? [squareMetres / 10_000, lang === 'zh-CN' ? '公顷' : 'ha']
        : [squareMetres / 1_000_000, lang === 'zh-CN' ? '平方公里' : 'km²'];
  return `${size.toLocaleString(lang, { maximumSignificantDigits: 3 })} ${unit}`;
}

/** The time of day in the city, whatever the clock of the device: 22:00. The same in each of our languages. */
export function formatTime(instant: Date): string {
  return inCity(instant).toISOString().slice(11, 16);
}

/** A moment whose UTC reads as the clocks of the city do. */
export function inCity(instant: Date): Date {
  return new Date(instant.getTime() + 8 * 3_600_000); // all year
}

/** A day in the city: 2026年3月9日. */
export function formatDay(instant: Date, lang: Lang): string {
  return new Intl.DateTimeFormat(lang, { dateStyle: 'medium', timeZone: cityZone }).format(instant);
}

/** Keeps what is made for a language: a list says a hundred times, and to make what says them takes longest. */
export function perLang<T>(make: (lang: Lang) => T): (lang: Lang) => T {
  const made = new Map<Lang, T>();
  return (lang) => {
    let one = made.get(lang);
    if (one === undefined) made.set(lang, (one = make(lang)));
    return one;
  };
}

const cityZone = 'Asia/Shanghai';
const wholesIn = /* @__PURE__ */ perLang((lang) => new Intl.NumberFormat(lang, { maximumFractionDigits: 0 }));

function roundTo(value: number, step: number): number {
  return Math.round(value / step) * step;
}
