// What the analyst asks for, and the figures in the order of need.
import { parseCode, parseCamera, formatCamera, type CameraAddress } from './address.ts';
import type { Figures } from './city.ts';
import { plainQuestion, readQuestion, writeQuestion, type Question } from './question.ts';

export type MeasureName = 'share' | 'unmet';

/** What stands below the figures: units by need, gaps, or places for new stations. */
export const TOPICS = ['ranking', 'gaps', 'siting'] as const;
export type Topic = (typeof TOPICS)[number];

export interface AnalystView extends Question {
  measure: MeasureName;
  topic: Topic;
  /** The unit looked into; null is the whole city. */
  unit: string | null;
  camera: CameraAddress | null;
}

/** What a page shows whose address says nothing. */
export const plainView: AnalystView = {
  ...plainQuestion,
  measure: 'share',
  topic: 'ranking',
  unit: null,
  camera: null,
};

/** The view of an address. What it does not say, or says wrongly, is the default. */
export function readAnalystView(query: URLSearchParams): AnalystView {
  return {
    ...readQuestion(query),
    measure: query.get('measure') === 'unmet' ? 'unmet' : 'share',
    topic: TOPICS.find((topic) => topic === query.get('show')) ?? 'ranking',
    unit: parseCode(query.get('unit'), 6, 9, 12),
    camera: parseCamera(query.get('map')),
  };
}

/** Writes the view into an address, leaving out what is the default. */
export function writeAnalystView(view: AnalystView, query: URLSearchParams): void {
  writeQuestion(view, query);
  if (view.measure !== 'share') query.set('measure', view.measure);
  if (view.topic !== 'ranking') query.set('show', view.topic);
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

/** A share without demand is not a number of zero: it is null. */
export function shareOf(part: number, whole: number): number | null {
  return whole > 0 ? part / whole : null;
}
