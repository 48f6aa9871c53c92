import {
  askCoverage,
  askGaps,
  askTrend,
  askWeek,
  askWhy,
  findSites,
  sketchGaps,
} from '../../api/analysis.ts';
import { listIndicators } from '../../api/layers.ts';
import { askComparison } from '../../api/scenarios.ts';
import { getCity, getUnit, isAbort, listUnits } from '../../api/client.ts';
import { may, type Session } from '../../model/accounts.ts';
import type { Bounds } from '../../geo/bounds.ts';
import type { LngLat } from '../../geo/distance.ts';
import type { UnitFill } from '../../map/map.ts';
import type { Ramp } from '../../map/ramps.ts';
import type { Change, City, Coverage, Figures, Unit } from '../../model/city.ts';
import {
  measureOf,
  plainView,
  rankByNeed,
  readAnalystView,
  writeAnalystView,
  type AnalystView,
  type Report,
  type Topic,
} from '../../model/coverage.ts';
import type { Classes } from '../../model/classes.ts';
import type { Explained, Explanation } from '../../model/explanation.ts';
import type { Gap, Gaps } from '../../model/gap.ts';
import type { Indicator } from '../../model/indicator.ts';
import type { Trend, TrendDays } from '../../model/trend.ts';
import type { Comparison } from '../../model/scenario.ts';
import type { WeightName } from '../../model/weight.ts';
import type { Siting, SitingConditions, SitingProgress } from '../../model/siting.ts';
import { ancestorsOf, levelOf, parentOf } from '../../model/units.ts';
import { localName, type Lang } from '../../ui/i18n.ts';
import { PlanState } from './plan.svelte.ts';
import { Resource } from '../../ui/resource.svelte.ts';

type Conditions = Partial<
  Omit<
    AnalystView,
    'unit' | 'report' | 'camera' | 'topic' | 'scenario' | 'whatIf' | 'compare' | 'classes' | keyof LayersShown
  >
>;

/** What is looked at of the things that people added. */
type LayersShown = Pick<AnalystView, 'indicator' | 'date' | 'figureClasses' | 'places' | 'days'>;

/** A search for places of new stations, from its start. */
export type Search =
  | { readonly state: 'running'; readonly progress: SitingProgress }
  | { readonly state: 'found'; readonly siting: Siting }
  | { readonly state: 'cancelled' }
  | { readonly state: 'failed'; readonly error: unknown };

const gapsShown = 20;

/** Everything that the analyst's page holds, and what can be done to it. */
export class AnalystState {
  view: AnalystView = $state.raw(plainView);
  /** Counts the steps that one may want to take back. */
  steps = $state(0);
  /** The unit that the map is to show next. */
  wanted: string | null = $state(null);

  readonly city = new Resource<City>();
  /** Indicators that can be counted in place of households, for who may see them. */
  readonly weights = new Resource<readonly Indicator[]>();
  /** Figures of the unit in the table and of those just below it. */
  readonly coverage = new Resource<Coverage>();
  /** The unit looked into, for its bounds; the banners are known with the city. */
  readonly unit = new Resource<Unit>();
  /** Names of the units above the one looked into. */
  readonly names = new Resource<Map<string, Unit>>();

  /** Households covered in each hour of the week; asked for while an hour is chosen. */
  readonly week = new Resource<number[]>();
  readonly gaps = new Resource<Gaps>();
  /** The same with outlines and best sites, which come later. */
  readonly outlined = new Resource<Gaps>();
  readonly trend = new Resource<Trend>();
  /** What is looked at beside what a second map shows. */
  readonly comparison = new Resource<Comparison>();
  /** How the figure that is asked about comes about. */
  readonly why = new Resource<Explanation>();
  explained: Explained | null = $state.raw(null);
  /** The scenario under which everything is asked. */
  readonly plan = new PlanState(() => {
    this.#replan();
  });
  /** Who is signed in; undefined until it is known. */
  session: Session | undefined = $state.raw();
  /** The gap that is looked at, by its id: what is known of it grows. */
  gapId: string | null = $state(null);
  readonly gapList = $derived(this.#gapList());
  readonly gap = $derived(this.gapList.find(({ id }) => id === this.gapId) ?? null);
  search: Search | null = $state.raw(null);
  #searching: AbortController | undefined;

  /** The unit whose parts the table ranks: a community has no parts, so its township. */
  readonly ranked = $derived(rankedUnit(this.view.unit));
  /** The unit whose parts `ranking` holds: until a new answer is there, that of the old one. */
  readonly answered = $derived(this.coverage.value ? answeredUnit(this.coverage.value) : this.ranked);
  readonly ranking = $derived(rankByNeed(this.coverage.value?.children ?? []));
  /** How that is called which is asked to be counted: null for households, undefined while that is not known. */
  readonly weightName = $derived(this.#weightName());
  /** Whether the figures that are held count something else than is asked now: they must not be seen then. */
  readonly reweighing = $derived(
    this.coverage.value !== undefined && (this.coverage.value.weight?.id ?? null) !== this.view.weight,
  );
  /** The figures of the unit looked into. */
  readonly headline = $derived(this.#headline());

  constructor(query: URLSearchParams) {
    this.view = readAnalystView(query);
    if (!this.view.camera) this.wanted = this.view.unit;
  }

  start(): void {
    void this.city.load((signal) => getCity({ signal }));
    this.#loadWeights();
    this.#ask();
    this.#loadUnit();
  }

  /** Goes to what an address says, for the buttons back and forward. */
  goTo(query: URLSearchParams): void {
    const { weight } = this.view;
    this.view = readAnalystView(query);
    if (weight !== this.view.weight) this.#forgetCounts();
    this.#forgetAnswers();
    this.#ask();
    this.#loadUnit();
  }

  setConditions(conditions: Conditions): void {
    const { weight } = this.view;
    this.view = { ...this.view, ...conditions };
    this.steps += 1;
    if (weight !== this.view.weight) {
      this.view = { ...this.view, classes: null }; // they are of other values
      this.#forgetCounts();
    }
    if (Object.keys(conditions).every((name) => name === 'measure' || name === 'display')) {
      this.view = { ...this.view, classes: null }; // they are of other values
      return;
    }
    this.#forgetAnswers();
    this.#loadFigures();
    this.#loadTopic();
  }

  /** Classes of the map; while a break is dragged these are no steps. */
  setClasses(classes: Classes | null): void {
    this.view = { ...this.view, classes };
  }

  /** Looks at an indicator or a layer of places. Classes are dragged, so they are no step. */
  setLayers(layers: Partial<LayersShown>): void {
    this.view = { ...this.view, ...layers };
    if (!Object.keys(layers).every((name) => name === 'figureClasses')) this.steps += 1;
  }

  setDays(days: TrendDays): void {
    this.view = { ...this.view, days };
    this.steps += 1;
    this.#loadTrend();
  }

  setTopic(topic: Topic): void {
    this.view = { ...this.view, topic };
    this.plan.adding = false;
    this.steps += 1;
    this.#loadWeights(); // somebody may have added one, or this reader
    this.#loadTopic();
  }

  /** What a click on the map means while a scenario is worked on. */
  pickForPlan(pick: { kind: string; code: string; at: LngLat }): void {
    if (this.plan.adding) this.plan.add({ location: pick.at }, this.view.services);
    else void this.plan.choose(pick.kind === 'station' ? pick.code : null);
  }

  /** Goes to a report of what is looked at; null goes back. */
  showReport(report: Report | null): void {
    this.view = { ...this.view, report };
    this.steps += 1;
  }

  /** Explains a figure of a unit or a place; null closes the explanation. */
  explain(of: Explained | null): void {
    this.explained = of;
    const question = this.view;
    const again = this.why.state.status === 'ready';
    if (of === null) this.why.clear();
    else void this.why[again ? 'replace' : 'load']((signal) => askWhy(question, of, { signal }));
  }

  /** Shows something beside what is looked at; null ends that. */
  compareWith(compare: string | null): void {
    this.view = { ...this.view, compare };
    this.steps += 1;
    this.#loadComparison();
  }

  /** Searches for places of new stations, beside those there are, in what is looked into. */
  async findSites(conditions: SitingConditions): Promise<void> {
    this.cancelSearch();
    const searching = new AbortController();
    this.#searching = searching;
    this.search = { state: 'running', progress: { done: 0, total: 0, best: null } };
    const show = (search: Search) => {
      if (this.#searching === searching) this.search = search;
    };
    try {
      const asked = { question: this.view, conditions, unit: this.view.unit };
      const onProgress = (progress: SitingProgress) => {
        show({ state: 'running', progress });
      };
      show({ state: 'found', siting: await findSites(asked, onProgress, searching.signal) });
    } catch (error) {
      show(isAbort(error) ? { state: 'cancelled' } : { state: 'failed', error });
    }
  }

  cancelSearch(): void {
    this.#searching?.abort();
  }

  /** Looks into a unit; null is the whole city. */
  lookInto(unit: string | null): void {
    this.wanted = unit ?? 'city';
    if (unit === this.view.unit) return;
    const before = this.ranked;
    this.view = { ...this.view, unit };
    this.steps += 1;
    this.#forgetAnswers();
    if (this.ranked !== before) this.#loadFigures();
    this.#loadTopic();
    this.#loadUnit();
  }

  up(): void {
    if (this.view.unit !== null) this.lookInto(parentOf(this.view.unit));
  }

  boundsOf(code: string): Bounds | null {
    const city = this.city.value;
    if (code === 'city') return city?.bounds ?? null;
    const banner = city?.banners.find((one) => one.code === code);
    if (banner) return banner.bounds;
    const unit = this.unit.value;
    return unit?.code === code ? unit.bounds : null;
  }

  /** The name of a unit as far as it is known. */
  nameOf(code: string, lang: Lang): string {
    const banner = this.city.value?.banners.find((one) => one.code === code);
    const unit = banner ?? this.names.value?.get(code);
    if (unit) return localName(unit, lang);
    return this.coverage.value?.children.find((one) => one.code === code)?.name ?? code;
  }

  /** The units of the ranking, coloured by a ramp. */
  unitFill(ramp: Ramp): UnitFill | null {
    const coverage = this.coverage.value;
    if (!coverage) return null;
    const units = [coverage.total, ...coverage.children];
    const values = units.map((unit) => [unit.code, measureOf(unit, this.view.measure)] as const);
    return { values: Object.fromEntries(values), ramp, whole: coverage.total.code };
  }

  /** The address of this view. */
  writeTo(query: URLSearchParams): void {
    writeAnalystView(this.view, query);
  }

  /** Brings up to date what the changes touch. */
  apply(changes: readonly Change[]): void {
    if (changes.every(({ collection }) => collection === 'friendly_scenes')) return;
    void this.city.refresh();
    void this.coverage.refresh();
    void this.week.refresh();
    void this.gaps.refresh();
    void this.outlined.refresh();
    void this.trend.refresh();
    void this.plan.difference.refresh();
    void this.comparison.refresh();
    if (changes.some(({ collection }) => collection === 'units')) void this.names.refresh();
  }

  #weightName(): WeightName | null | undefined {
    const { weight } = this.view;
    if (weight === null) return null;
    const answered = this.coverage.value?.weight;
    if (answered?.id === weight) return answered;
    const listed = this.weights.value?.find(({ id }) => id === weight);
    return listed && { title: listed.name, measure: listed.measure };
  }

  #loadWeights(): void {
    void this.weights.replace(async (signal) =>
      (await listIndicators({ signal })).layers.filter(({ dates }) => dates[0]?.weighs),
    );
  }

  // What was counted in something else must not stand under the name of what is counted now.
  #forgetCounts(): void {
    for (const of of [this.week, this.gaps, this.outlined, this.trend, this.comparison, this.plan.difference])
      of.clear();
    this.explain(null);
  }

  #headline(): Figures | undefined {
    const coverage = this.coverage.value;
    if (!coverage || this.view.unit === this.ranked) return coverage?.total;
    return coverage.children.find(({ code }) => code === this.view.unit);
  }

  // The full list stands in for the sketch of the same change as soon as it is there.
  #gapList(): readonly Gap[] {
    const [sketch, full] = [this.gaps.value, this.outlined.value];
    return (full && full.seq === sketch?.seq ? full : sketch)?.list ?? [];
  }

  #loadFigures(): void {
    const question = this.view;
    const unit = this.ranked;
    void this.coverage.replace((signal) => askCoverage(question, { unit }, { signal }));
    if (question.hour === null) this.week.clear();
    else void this.week.replace((signal) => askWeek(question, { unit }, { signal }));
  }

  #loadComparison(): void {
    const question = this.view;
    const { compare: other } = question;
    if (other === null) this.comparison.clear();
    else
      void this.comparison.replace((signal) =>
        askComparison(question, { other, unit: this.ranked }, { signal }),
      );
  }

  #loadTopic(): void {
    const question = this.view;
    this.#loadComparison();
    if (question.topic === 'scenario') {
      this.plan.loadDifference(question, this.ranked);
      this.plan.loadStations(question.unit);
      this.#loadScenarios();
    }
    if (question.topic === 'trend') this.#loadTrend();
    if (question.topic !== 'gaps') return;
    const asked = { unit: question.unit, limit: gapsShown };
    void this.gaps.replace((signal) => sketchGaps(question, asked, { signal }));
    void this.outlined.load((signal) => askGaps(question, asked, { signal }));
  }

  #loadTrend(): void {
    const question = this.view;
    const asked = { unit: question.unit, days: question.days };
    void this.trend.replace((signal) => askTrend(question, asked, { signal }));
  }

  /** Keeps who is signed in, once the header knows. */
  knowSession(session: Session): void {
    this.session = session;
    if (this.view.topic === 'scenario') this.#loadScenarios();
  }

  // Which scenarios there are is for staff.
  #loadScenarios(): void {
    if (may(this.session, 'staff.read') && this.plan.list.state.status === 'idle') this.plan.loadList();
  }

  // A scenario of the address has to be there before anything is asked under it.
  #ask(): void {
    const { scenario, whatIf } = this.view;
    if (scenario !== null || whatIf !== null || this.plan.active) void this.plan.goTo({ scenario, whatIf });
    else this.#askAll();
  }

  #askAll(): void {
    this.#loadFigures();
    this.#loadTopic();
  }

  #replan(): void {
    this.view = { ...this.view, ...this.plan.address };
    this.#forgetAnswers();
    this.#askAll();
  }

  // Gaps and sites are of one question: under another they would say what is not so.
  #forgetAnswers(): void {
    this.gapId = null;
    this.cancelSearch();
    this.#searching = undefined;
    this.search = null;
  }

  #loadUnit(): void {
    const { unit } = this.view;
    if (unit === null || levelOf(unit) === 'banner') this.unit.clear();
    else void this.unit.load((signal) => getUnit(unit, { signal }));
    if (unit === null) return;
    void this.names.replace((signal) => namesAround(unit, signal));
  }
}

function answeredUnit({ total }: Coverage): string | null {
  return levelOf(total.code) === 'city' ? null : total.code;
}

function rankedUnit(unit: string | null): string | null {
  return unit !== null && levelOf(unit) === 'community' ? parentOf(unit) : unit;
}

// The units below each unit on the way down, so that the path and the table can name them in either language.
async function namesAround(unit: string, signal: AbortSignal): Promise<Map<string, Unit>> {
  const parents = [...ancestorsOf(unit), unit].filter((code) => levelOf(code) !== 'community');
  const lists = await Promise.all(parents.map((parent) => listUnits({ parent }, { signal })));
  return new Map(lists.flatMap(({ items }) => items.map((one) => [one.code, one] as const)));
}
