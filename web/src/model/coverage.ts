// What the analyst asks for, and the figures in the order of need.
import { parseCode, parseCamera, formatCamera, type CameraAddress } from './address.ts';
import type { Figures } from './city.ts';
import { formatClasses, parseClasses, type Classes } from './classes.ts';
import { TREND_DAYS, type TrendDays } from './trend.ts';
import { plainQuestion, readQuestion, readScenarioId, writeQuestion, type Question } from './question.ts';

export type MeasureName = 'share' | 'unmet';

/** What stands below the figures: units by need, gaps, new stations, what-ifs, how it came about, and what people added. */
export const TOPICS = ['ranking', 'gaps', 'siting', 'scenario', 'trend', 'indicators', 'places'] as const;
export type Topic = (typeof TOPICS)[number];

/** What the map colours: hexagons, or the units of the ranking. */
export const DISPLAYS = ['cells', 'units'] as const;
export type Display = (typeof DISPLAYS)[number];

/** Paper of a report, and whether each banner has a sheet of its own. */
export const PAPERS = ['a4', 'a3'] as const;
export interface Report {
  readonly paper: (typeof PAPERS)[number];
  readonly atlas: boolean;
}

export interface AnalystView extends Question {
  measure: MeasureName;
  display: Display;
  /** Classes of the map; null for the standard ones. */
  classes: Classes | null;
  topic: Topic;
  /** The unit looked into; null is the whole city. */
  unit: string | null;
  camera: CameraAddress | null;
  /** The report that is looked at; null for the workspace. */
  report: Report | null;
  /** What a second map shows: the city as it is, or a saved scenario; null for no second map. */
  compare: string | null;
  /** The indicator that is looked at, of which date (null for the latest) and in which classes. */
  indicator: string | null;
  date: string | null;
  figureClasses: Classes | null;
  /** How far back a trend goes. */
  days: TrendDays;
  /** The layer of places that is looked at. */
  places: string | null;
}

/** Stands for the city as it is among the things to compare. */
export const THE_CITY = 'city';

/** What a page shows whose address says nothing. */
export const plainView: AnalystView = {
  ...plainQuestion,
  measure: 'share',
  display: 'cells',
  classes: null,
  topic: 'ranking',
  unit: null,
  camera: null,
  compare: null,
  report: null,
  indicator: null,
  date: null,
  figureClasses: null,
  days: 90,
  places: null,
};

/** The view of an address. What it does not say, or says wrongly, is the default. */
export function readAnalystView(query: URLSearchParams): AnalystView {
  return {
    ...readQuestion(query),
    measure: query.get('measure') === 'unmet' ? 'unmet' : 'share',
    display: query.get('by') === 'units' ? 'units' : 'cells',
    classes: parseClasses(query.get('classes')),
    topic: TOPICS.find((topic) => topic === query.get('show')) ?? 'ranking',
    unit: parseCode(query.get('unit'), 6, 9, 12),
    camera: parseCamera(query.get('map')),
    report: readReport(query.get('report')),
    compare: query.get('compare') === THE_CITY ? THE_CITY : readScenarioId(query.get('compare')),
    indicator: readScenarioId(query.get('indicator')),
    date: readDate(query.get('date')),
    figureClasses: parseClasses(query.get('figures'), -Infinity),
    days: TREND_DAYS.find((days) => String(days) === query.get('days')) ?? 90,
    places: readScenarioId(query.get('places')),
  };
}

function readDate(text: string | null): string | null {
  return text !== null && /^\d{4}-\d\d-\d\d$/.test(text) ? text : null;
}

function readReport(text: string | null): Report | null {
  const [name, kind] = (text ?? '').split('-');
  const paper = PAPERS.find((one) => one === name);
  return paper ? { paper, atlas: kind === 'atlas' } : null;
}

/** Writes the view into an address, leaving out what is the default. */
export function writeAnalystView(view: AnalystView, query: URLSearchParams): void {
  writeQuestion(view, query);
  if (view.measure !== 'share') query.set('measure', view.measure);
  if (view.display !== 'cells') query.set('by', view.display);
  if (view.classes) query.set('classes', formatClasses(view.classes));
  if (view.topic !== 'ranking') query.set('show', view.topic);
  if (view.report) query.set('report', view.report.paper + (view.report.atlas ? '-atlas' : ''));
  if (view.compare) query.set('compare', view.compare);
  if (view.indicator) query.set('indicator', view.indicator);
  if (view.indicator && view.date) query.set('date', view.date);
  if (view.indicator && view.figureClasses) query.set('figures', formatClasses(view.figureClasses));
  if (view.days !== 90) query.set('days', String(view.days));
  if (view.places) query.set('places', view.places);
  if (view.unit) query.set('unit', view.unit);
  if (view.camera) query.set('map', formatCamera(view.camera));
}

/** Units by need: most unmet demand first, then the lower share, then by code. */
export function rankByNeed(units: readonly Figures[]): Figures[] {
  return [...units].sort(
    (a, b) =>
      b.unmet - a.unmet ||
      (a.share ?? 1) - (b.share ?? 1) ||
      (a.code < b.code ? -1 : a.code > b.code ? 1 : 0),
  );
}

/** The sum of the parts, which must be the whole. */
export function sumOf(units: readonly Figures[]): Omit<Figures, 'code' | 'name'> {
  const sum = { households: 0, covered: 0, coveredPossible: 0, crossCovered: 0, unmet: 0, stations: 0 };
  for (const unit of units) {
    sum.households += unit.households;
    sum.covered += unit.covered;
    sum.coveredPossible += unit.coveredPossible;
    sum.crossCovered += unit.crossCovered;
    sum.unmet += unit.unmet;
    sum.stations += unit.stations;
  }
  return { ...sum, share: shareOf(sum.covered, sum.households) };
}

/** What a unit shows on the map; null where there is nothing to measure. */
export function measureOf(unit: Figures, measure: MeasureName): number | null {
  return unit.households === 0 ? null : measure === 'share' ? unit.share : unit.unmet;
}

/** A share without demand is not a number of zero: it is null. */
export function shareOf(part: number, whole: number): number | null {
  return whole > 0 ? part / whole : null;
}
