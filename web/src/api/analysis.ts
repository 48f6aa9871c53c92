// The analyst's questions: coverage under any conditions, its week, its gaps, and places for new stations.
import type { Coverage } from '../model/city.ts';
import type { Explained, Explanation, Witness } from '../model/explanation.ts';
import type { Gap, Gaps } from '../model/gap.ts';
import { parametersOf, type Question } from '../model/question.ts';
import type { Trend } from '../model/trend.ts';
import type { Siting, SitingConditions, SitingModel, SitingProgress } from '../model/siting.ts';
import { coverageOf } from './client.ts';
import { getJson, withQuery, type RequestOptions } from './http.ts';
import { patiently } from './patience.ts';
import { send } from './send.ts';
import type {
  WireCoverage,
  WireExplanation,
  WireGapList,
  WireGaps,
  WireHours,
  WireJob,
  WireTrend,
} from './types.ts';

/** Every question about coverage may come before the server is ready. */
const patientJson = <T>(address: string, options?: RequestOptions) =>
  patiently(() => getJson<T>(address, options), options);

interface Within {
  /** A unit; the city where it is null. */
  unit: string | null;
}

/** The figures of a unit and of those just below it. */
export async function askCoverage(
  question: Question,
  { unit }: Within,
  options?: RequestOptions,
): Promise<Coverage> {
  const address = withQuery('/api/coverage', { ...parametersOf(question), unit });
  return coverageOf(await patientJson<WireCoverage>(address, options));
}

/** Households covered for sure in each of the 168 hours of a week. */
export async function askWeek(
  question: Question,
  { unit }: Within,
  options?: RequestOptions,
): Promise<number[]> {
  const address = withQuery('/api/coverage/hours', { ...parametersOf(question, 'week'), unit });
  const { services } = await patientJson<WireHours>(address, options);
  // The line without a name is the rule as a whole.
  return (services.find(({ service }) => service === null) ?? services[0])?.covered ?? [];
}

/** The address of the ranking as a file. */
export function rankingFile(
  question: Question,
  level: string,
  within: string | null,
  format: 'excel-csv' | 'xlsx' | 'parquet',
): string {
  return withQuery('/api/coverage/ranking', { ...parametersOf(question), level, within, format });
}

/** How the coverage of a unit came about. A scenario has no past: the city as it is has. */
export async function askTrend(
  question: Question,
  { unit, days }: Within & { days: number },
  options?: RequestOptions,
): Promise<Trend> {
  const query = { ...parametersOf({ ...question, scenario: null, whatIf: null }), unit, days };
  const wire = await patientJson<WireTrend>(withQuery('/api/coverage/trend', query), options);
  return {
    seq: wire.seq,
    households: wire.households,
    since: wire.since === null ? null : new Date(wire.since),
    from: new Date(`${wire.from}T00:00:00+08:00`),
    points: wire.points.map(({ at, seq, covered, covered_possible, cross_covered, stations }) => ({
      at: new Date(at),
      seq,
      covered,
      coveredPossible: covered_possible,
      crossCovered: cross_covered,
      stations,
    })),
  };
}

/** The largest gaps at once, without outlines and best sites: those take longer. */
export async function sketchGaps(
  question: Question,
  { unit, limit }: Within & { limit: number },
  options?: RequestOptions,
): Promise<Gaps> {
  const query = { ...parametersOf(question), unit, limit, sketch: true };
  const wire = await patientJson<WireGapList>(withQuery('/api/gaps', query), options);
  return {
    seq: wire.seq,
    total: wire.total,
    households: wire.households,
    list: wire.gaps.map((gap) => gapOf(gap, null)),
  };
}

/** The largest gaps, with their outlines. */
export async function askGaps(
  question: Question,
  { unit, limit }: Within & { limit: number },
  options?: RequestOptions,
): Promise<Gaps> {
  const query = { ...parametersOf(question), unit, limit, format: 'geojson' };
  const wire = await patientJson<WireGaps>(withQuery('/api/gaps', query), options);
  return {
    seq: wire.seq,
    total: wire.total,
    households: wire.households,
    // Go's slices may be null in the document; these are not.
    list: wire.features.map(({ properties, geometry }) =>
      gapOf(properties, geometry.coordinates as Gap['outline']),
    ),
  };
}

function gapOf(wire: WireGapList['gaps'][number], outline: Gap['outline']): Gap {
  const { id, households, cells, bbox, reason, nearest, best_site: best, units } = wire;
  return {
    id,
    households,
    cells,
    bounds: bbox,
    reason,
    nearest: nearest && { code: nearest.code, name: nearest.name, meters: nearest.edge_m },
    bestSite: best && { at: best.location, gain: best.households_of_gap },
    communities: [...units]
      .sort((a, b) => b.households - a.households)
      .map(({ unit, name }) => ({ code: unit, name })),
    outline,
  };
}

export interface SitingQuestion extends Within {
  question: Question;
  conditions: SitingConditions;
}

/** Asks where to place stations. Whoever aborts cancels the job. */
export async function findSites(
  { question, conditions, unit }: SitingQuestion,
  onProgress: (progress: SitingProgress) => void,
  signal: AbortSignal,
): Promise<Siting> {
  const { services, ...rest } = parametersOf(question);
  const body = {
    ...rest,
    ...bodyOf(conditions),
    ...(services === undefined ? {} : { services: services.split(',') }),
    ...(unit === null ? {} : { unit }),
  };
  let { value: job } = await patiently(() => send<WireJob>('/api/siting', { method: 'POST', body, signal }), {
    signal,
  });
  const address = `/api/jobs/${encodeURIComponent(job.id)}`;
  try {
    while (job.state === 'queued' || job.state === 'running') {
      onProgress(progressOf(job, { question, conditions }));
      await pause(pollMs, signal);
      job = await patientJson<WireJob>(address, { signal });
    }
  } catch (error) {
    if (signal.aborted) await send(address, { method: 'DELETE' });
    throw error;
  }
  // Of a job that failed this is the problem, in full.
  const siting = await patientJson<WireSiting>(`${address}/result`, { signal });
  return sitingOf(siting, conditions);
}

// Over a week the server counts households times the weight of the time, which it does not say before the end; and while the
// fewest are sought, the best so far is one of another number of stations each time.
function progressOf(
  { progress: { done, total, incumbent } }: WireJob,
  { question, conditions }: Pick<SitingQuestion, 'question' | 'conditions'>,
): SitingProgress {
  const tells = question.profile === null && conditions.model !== 'lscp';
  return { done, total, best: tells ? incumbent : null };
}

function bodyOf({ model, share, excludedUnits, candidates, ...limits }: SitingConditions) {
  return {
    ...(model === 'mclp' ? {} : { model }),
    ...(model === 'lscp' ? { share } : limitsOf(limits, candidates)),
    ...(excludedUnits.length > 0 ? { excluded: { units: excludedUnits } } : {}),
    candidates:
      typeof candidates === 'string'
        ? candidates
        : candidates.map(({ name, at, cost }) => ({
            name,
            location: at,
            ...(cost === null ? {} : { cost }),
          })),
  };
}

function limitsOf(
  { p, floors, money, wish }: Pick<SitingConditions, 'p' | 'floors' | 'money' | 'wish'>,
  candidates: SitingConditions['candidates'],
) {
  return {
    p,
    ...(floors.length > 0 ? { floors } : {}),
    ...(money ?? {}),
    ...(candidates === 'suggestions' ? { wish } : {}),
  };
}

const pollMs = 200;

/** What the document of the API leaves open, as a job may answer anything. */
interface WireSiting {
  seq: number;
  siting_model: SitingModel;
  households: number;
  covered_before: number;
  at_least: number | null;
  possible: boolean;
  sites: {
    name: string;
    h3: string;
    location: [number, number];
    community: string;
    community_name: string;
    gain: number;
    cumulative: number;
  }[];
  curve: number[];
  total: number;
  objective: number;
  bound: number;
  gap_share: number;
  proved: boolean;
  stopped: boolean;
  cost: number;
  banners: { code: string; gain: number; stations: number }[];
  model: { weight: number };
}

function sitingOf(wire: WireSiting, { wish, share }: SitingConditions): Siting {
  const { weight } = wire.model;
  return {
    seq: wire.seq,
    model: wire.siting_model,
    households: wire.households,
    coveredBefore: wire.covered_before / weight,
    atLeast: wire.at_least,
    share: wire.siting_model === 'lscp' ? share : null,
    possible: wire.possible,
    sites: wire.sites.map(({ location, community_name: communityName, gain, cumulative, ...site }) => ({
      ...site,
      suggestion: suggestionOf(site.name),
      communityName,
      at: location,
      gain: gain / weight,
      cumulative: cumulative / weight,
    })),
    curve: wire.curve.map((covered) => covered / weight),
    uncovered: wire.total / weight,
    objective: wire.objective / weight,
    bound: wire.bound / weight,
    gapShare: wire.gap_share,
    proved: wire.proved,
    stopped: wire.stopped,
    wish,
    cost: wire.cost > 0 ? wire.cost : null,
    banners: wire.banners
      .map(({ code, gain, stations }) => ({ code, gain: gain / weight, stations }))
      .sort((a, b) => b.gain - a.gain),
  };
}

/** The server names the place of a suggestion by the address of the report. */
function suggestionOf(name: string): number | null {
  const [, id] = /^reports\/(\d+)$/.exec(name) ?? [];
  return id === undefined ? null : Number(id);
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(new DOMException('The operation was aborted.', 'AbortError'));
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, milliseconds);
    signal.addEventListener('abort', stop, { once: true });
  });
}

/** How the figures of a unit or a place come about. */
export async function askWhy(
  question: Question,
  of: Explained,
  options?: RequestOptions,
): Promise<Explanation> {
  const { scenario, whatIf } = of.of ?? question;
  const place =
    'at' in of ? { lng: of.at[0], lat: of.at[1] } : 'cell' in of ? { cell: of.cell } : { unit: of.unit };
  const asked = parametersOf({ ...question, scenario, whatIf });
  const address = withQuery('/api/explain', { ...asked, ...place });
  const { seq, model, formula, cell, unit } = await patientJson<WireExplanation>(address, options);
  return {
    seq,
    resolution: model.h3_resolution,
    cell: cell?.h3 ?? null,
    households: cell?.households ?? unit?.households ?? 0,
    steps: formula,
    stations: cell
      ? cell.in_reach.map(witnessOfCell)
      : (unit?.in_reach ?? []).map(witnessOfUnit).sort(byReach),
  };
}

type CellWitness = NonNullable<WireExplanation['cell']>['in_reach'][number];
type UnitWitness = NonNullable<WireExplanation['unit']>['in_reach'][number];

function witnessOfCell(wire: CellWitness): Witness {
  return {
    code: wire.code,
    name: wire.name,
    openingHours: wire.opening_hours,
    counts: wire.counts,
    meters: wire.distance_m,
    leftOutCold: wire.left_out_cold,
    reached: 0,
    alone: 0,
  };
}

function witnessOfUnit({
  code,
  name,
  opening_hours: openingHours,
  counts,
  reached,
  alone,
}: UnitWitness): Witness {
  return { code, name, openingHours, counts, meters: null, leftOutCold: false, reached, alone };
}

function byReach(a: Witness, b: Witness): number {
  return b.reached - a.reached || (a.code < b.code ? -1 : 1);
}
