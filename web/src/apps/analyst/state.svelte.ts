import { getCity, getCoverage, getUnit, listUnits } from '../../api/client.ts';
import type { Bounds } from '../../geo/bounds.ts';
import type { Change, City, Coverage, Figures, Unit } from '../../model/city.ts';
import {
  plainView,
  rankByNeed,
  readAnalystView,
  writeAnalystView,
  type AnalystView,
} from '../../model/coverage.ts';
import { ancestorsOf, levelOf, parentOf } from '../../model/units.ts';
import { localName, type Lang } from '../../ui/i18n.ts';
import { Resource } from '../../ui/resource.svelte.ts';

type Conditions = Partial<Pick<AnalystView, 'radiusMeters' | 'service' | 'measure'>>;

/** Everything that the analyst's page holds, and what can be done to it. */
export class AnalystState {
  view: AnalystView = $state.raw(plainView);
  /** Counts the steps that one may want to take back. */
  steps = $state(0);
  /** The unit that the map is to show next. */
  wanted: string | null = $state(null);

  readonly city = new Resource<City>();
  /** Figures of the unit in the table and of those just below it. */
  readonly coverage = new Resource<Coverage>();
  /** The unit looked into, for its bounds; the banners are known with the city. */
  readonly unit = new Resource<Unit>();
  /** Names of the units above the one looked into. */
  readonly names = new Resource<Map<string, Unit>>();

  /** The unit whose parts the table ranks: a community has no parts, so its township. */
  readonly ranked = $derived(rankedUnit(this.view.unit));
  readonly ranking = $derived(rankByNeed(this.coverage.value?.children ?? []));
  /** The figures of the unit looked into. */
  readonly headline = $derived(this.#headline());

  constructor(query: URLSearchParams) {
    this.view = readAnalystView(query);
    if (!this.view.camera) this.wanted = this.view.unit;
  }

  start(): void {
    void this.city.load((signal) => getCity({ signal }));
    this.#loadFigures();
    this.#loadUnit();
  }

  /** Goes to what an address says, for the buttons back and forward. */
  goTo(query: URLSearchParams): void {
    this.view = readAnalystView(query);
    this.#loadFigures();
    this.#loadUnit();
  }

  setConditions(conditions: Conditions): void {
    this.view = { ...this.view, ...conditions };
    this.steps += 1;
    this.#loadFigures();
  }

  /** Looks into a unit; null is the whole city. */
  lookInto(unit: string | null): void {
    this.wanted = unit ?? 'city';
    if (unit === this.view.unit) return;
    const before = this.ranked;
    this.view = { ...this.view, unit };
    this.steps += 1;
    if (this.ranked !== before) this.#loadFigures();
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

  /** The address of this view. */
  writeTo(query: URLSearchParams): void {
    writeAnalystView(this.view, query);
  }

  /** Brings up to date what the changes touch. */
  apply(changes: readonly Change[]): void {
    if (changes.every(({ collection }) => collection === 'friendly_scenes')) return;
    void this.city.refresh();
    void this.coverage.refresh();
    if (changes.some(({ collection }) => collection === 'units')) void this.names.refresh();
  }

  #headline(): Figures | undefined {
    const coverage = this.coverage.value;
    if (!coverage || this.view.unit === this.ranked) return coverage?.total;
    return coverage.children.find(({ code }) => code === this.view.unit);
  }

  #loadFigures(): void {
    const { radiusMeters, service } = this.view;
    const unit = this.ranked;
    const query = { radiusMeters, service, ...(unit === null ? {} : { unit }) };
    void this.coverage.replace((signal) => getCoverage(query, { signal }));
  }

  #loadUnit(): void {
    const { unit } = this.view;
    if (unit === null || levelOf(unit) === 'banner') this.unit.clear();
    else void this.unit.load((signal) => getUnit(unit, { signal }));
    if (unit === null) return;
    void this.names.replace((signal) => namesAround(unit, signal));
  }
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
