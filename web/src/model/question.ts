// What is asked of coverage: the same words for the figures, the map, the gaps and the siting.
import { SERVICES, type Service } from './city.ts';
import { unpackEdits } from './scenario.ts';

/** The radii on offer, in metres. The union's standard is 1 km, dense towns use 500 m. */
export const RADII = [500, 1000, 1500, 3000] as const;
export type Radius = (typeof RADII)[number];

/** Minutes on the way; the union's standard is 15 on foot. */
export const MINUTES = [5, 10, 15, 30] as const;
export type Minutes = (typeof MINUTES)[number];

export const MODES = ['radius', 'walk', 'ebike'] as const;
export type Mode = (typeof MODES)[number];

/** Of several services: any of them, all from any stations, or all at one station. */
export const RULES = ['any', 'all', 'one_stop'] as const;
export type Rule = (typeof RULES)[number];

/** How the hours of a week count. */
export const PROFILES = ['uniform', 'lunch', 'dinner', 'night'] as const;
export type Profile = (typeof PROFILES)[number];

export const COLDS = [-15, -25, -35] as const;
export type Cold = (typeof COLDS)[number];

export const HOURS_OF_WEEK = 168;

export interface Question {
  mode: Mode;
  radiusMeters: Radius;
  minutes: Minutes;
  services: readonly Service[];
  rule: Rule;
  /** Hour of the week, Monday 00:00 in China being 0; null where no moment is asked about. */
  hour: number | null;
  /** Never together with an hour. */
  profile: Profile | null;
  celsius: Cold | null;
  /** The id of the indicator that is counted; null for households. */
  weight: string | null;
  /** A saved scenario that lies over the city; null for none. */
  scenario: string | null;
  /** Edits that are not saved, packed. They hold in the place of the scenario that they were made from. */
  whatIf: string | null;
}

export const plainQuestion: Question = {
  mode: 'radius',
  radiusMeters: 1000,
  minutes: 15,
  services: [],
  rule: 'any',
  hour: null,
  profile: null,
  celsius: null,
  weight: null,
  scenario: null,
  whatIf: null,
};

/** The question of an address. What it does not say, or says wrongly, is the default. */
export function readQuestion(query: URLSearchParams): Question {
  const number = <T extends number>(name: string, allowed: readonly T[]) =>
    allowed.find((one) => String(one) === query.get(name));
  const word = <T extends string>(name: string, allowed: readonly T[]) =>
    allowed.find((one) => one === query.get(name));
  const named = (query.get('service') ?? '').split(',');
  const hour = readHour(query.get('hour'));
  return {
    mode: word('mode', MODES) ?? 'radius',
    radiusMeters: number('radius', RADII) ?? 1000,
    minutes: number('minutes', MINUTES) ?? 15,
    services: SERVICES.filter((service) => named.includes(service)),
    rule: word('rule', RULES) ?? 'any',
    hour,
    profile: hour === null ? (word('profile', PROFILES) ?? null) : null,
    celsius: number('cold', COLDS) ?? null,
    weight: readScenarioId(query.get('weight')),
    scenario: readScenarioId(query.get('scenario')),
    whatIf: unpackEdits(query.get('what_if')) ? query.get('what_if') : null,
  };
}

/** The id of a scenario, or of an indicator, if it looks like one. */
export function readScenarioId(text: string | null): string | null {
  return text !== null && /^[a-z2-7]{16}$/.test(text) ? text : null;
}

function readHour(text: string | null): number | null {
  if (!text || !/^\d{1,3}$/.test(text)) return null;
  const hour = Number(text);
  return hour < HOURS_OF_WEEK ? hour : null;
}

/** Writes the question into an address, leaving out what is the default. */
export function writeQuestion(question: Question, query: URLSearchParams): void {
  const { mode, radiusMeters, minutes, services, rule, hour, profile, celsius, weight, scenario, whatIf } =
    question;
  if (mode !== 'radius') query.set('mode', mode);
  if (mode === 'radius' && radiusMeters !== 1000) query.set('radius', String(radiusMeters));
  if (mode !== 'radius' && minutes !== 15) query.set('minutes', String(minutes));
  if (services.length > 0) query.set('service', services.join(','));
  if (services.length > 1 && rule !== 'any') query.set('rule', rule);
  if (hour !== null) query.set('hour', String(hour));
  if (profile) query.set('profile', profile);
  if (celsius !== null) query.set('cold', String(celsius));
  if (weight !== null) query.set('weight', weight);
  if (scenario !== null) query.set('scenario', scenario);
  if (whatIf !== null) query.set('what_if', whatIf);
}

/** A question as the parameters of the server. */
export type Parameters = Readonly<{
  mode?: Mode;
  radius_m?: number;
  minutes?: number;
  services?: string;
  rule?: Rule;
  quarter?: number;
  profile?: Profile;
  temperature_c?: number;
  weight?: string;
  scenario?: string;
  what_if?: string;
}>;

/** The parameters that the server takes. Whoever asks about the whole week leaves out the moment. */
export function parametersOf(question: Question, time: 'asked' | 'week' = 'asked'): Parameters {
  const { mode, radiusMeters, minutes, services, rule, hour, profile, celsius, weight, scenario, whatIf } =
    question;
  return {
    ...(mode === 'radius' ? { radius_m: radiusMeters } : { mode, minutes }),
    ...(services.length > 0 ? { services: services.join(',') } : {}),
    ...(services.length > 1 && rule !== 'any' ? { rule } : {}),
    ...(time === 'asked' && hour !== null ? { quarter: hour * 4 } : {}),
    ...(time === 'asked' && profile ? { profile } : {}),
    ...(celsius === null ? {} : { temperature_c: celsius }),
    ...(weight === null ? {} : { weight }),
    ...(whatIf !== null ? { what_if: whatIf } : scenario !== null ? { scenario } : {}),
  };
}
