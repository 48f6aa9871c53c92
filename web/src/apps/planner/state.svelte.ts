import { SvelteMap, SvelteSet } from 'svelte/reactivity';
import { getSession } from '../../api/accounts.ts';
import { getCity, getCoverage, getUnit, isAbort, listMicroGrids, listUnits } from '../../api/client.ts';
import { listSummaries } from '../../api/reviews.ts';
import { boundsOf, type Bounds } from '../../geo/bounds.ts';
import type { LngLat } from '../../geo/distance.ts';
import type { CityMap } from '../../map/map.ts';
import { may, type Session } from '../../model/accounts.ts';
import type { Banner, Change, City, CollectionName, Figures, MicroGrid, Unit } from '../../model/city.ts';
import { coordinatesOf } from '../../model/plan/plan.ts';
import { readPlannerView, type PanelName, type PlannerView } from '../../model/planner.ts';
import type { Summary } from '../../model/review.ts';
import { ancestorsOf, levelOf, type Branch, type UnitNode } from '../../model/units.ts';
import { Leasing } from './leasing.svelte.ts';
import { Work } from './work.svelte.ts';
import { Resource } from '../../ui/resource.svelte.ts';

/** A unit with its households, null until they are known. */
export interface TreeUnit extends UnitNode {
  households: number | null;
}

export interface UnitDetail {
  unit: Unit;
  figures: Figures | null;
}

/** Everything that the planner's page holds, and what can be done to it. */
export class PlannerState {
  view: PlannerView = $state.raw({ unit: null, grid: null, panel: 'edit', camera: null });
  /** Counts the steps that one may want to take back. */
  steps = $state(0);
  /** What the map is to show next: a unit or a micro-grid by code. */
  wanted: string | null = $state(null);
  /** The map, once there is one: panels draw on it. */
  map: CityMap | undefined = $state.raw();

  /** Who asks for a place on the map; the next click goes there and nowhere else. */
  picking: ((place: LngLat) => void) | undefined = $state.raw();

  /** The community that is being drawn; null for none. */
  work: Work | null = $state.raw(null);

  readonly session = new Resource<Session>();
  readonly city = new Resource<City>();
  readonly register = new Resource<Unit[]>();
  readonly detail = new Resource<UnitDetail>();
  readonly grids = new Resource<MicroGrid[]>();
  readonly branches = new SvelteMap<string, Branch<TreeUnit>>();
  /** How communities stand, as far as branches were opened; for who has signed in. */
  readonly summaries = new SvelteMap<string, Summary>();
  readonly expanded = new SvelteSet<string>();

  readonly roots = $derived((this.city.value?.banners ?? []).map(nodeOfBanner));
  readonly grid = $derived(this.grids.value?.find(({ code }) => code === this.view.grid));
  /** The community that is looked at. */
  readonly community = $derived(this.view.unit?.length === 12 ? this.view.unit : null);
  /** Whether who is signed in may draw in that community. */
  readonly mayEdit = $derived(
    this.community !== null && may(this.session.value, 'micro_grids.edit', this.community),
  );
  /** The account that is signed in. */
  readonly me = $derived(this.session.value?.account?.name);
  /** Who edits it; undefined for who has not signed in. */
  readonly leasing = $derived.by(() => {
    return this.community === null || this.me === undefined
      ? undefined
      : new Leasing(this.community, this.me);
  });
  #held: Leasing | undefined;

  constructor(query: URLSearchParams) {
    this.view = readPlannerView(query);
    if (!this.view.camera) this.wanted = this.view.grid ?? this.view.unit;
  }

  start(): void {
    void this.session
      .load((signal) => getSession({ signal }))
      .then(() => {
        for (const code of this.branches.keys()) void this.#summarize(code);
      });
    void this.city.load((signal) => getCity({ signal }));
    this.#loadSelection();
  }

  /** Goes to what an address says, for the buttons back and forward. */
  goTo(query: URLSearchParams): void {
    const before = this.view;
    this.view = readPlannerView(query);
    if (this.view.unit !== before.unit) this.#loadSelection();
  }

  selectUnit(code: string | null, show = true): void {
    if (show) this.wanted = code;
    if (code === this.view.unit && this.view.grid === null) return;
    const changed = code !== this.view.unit;
    this.view = { ...this.view, unit: code, grid: null };
    this.steps += 1;
    if (changed) this.#loadSelection();
  }

  selectGrid(code: string | null, show = true): void {
    if (show) this.wanted = code;
    if (code === this.view.grid) return;
    const unit = code?.slice(0, 12) ?? this.view.unit;
    const changed = unit !== this.view.unit;
    this.view = { ...this.view, unit, grid: code };
    this.steps += 1;
    if (changed) this.#loadSelection();
  }

  showPanel(panel: PanelName): void {
    if (panel === this.view.panel) return;
    this.view = { ...this.view, panel };
    this.steps += 1;
  }

  /** Begins to draw in the community, or goes on with what was left. */
  beginWork(steal = false): void {
    if (!this.mayEdit || this.community === null || this.me === undefined) return;
    if (this.work?.community !== this.community) {
      this.work?.close();
      this.work = new Work(this.community, this.me);
    }
    void this.work.open(this.view.grid, { steal });
    this.#held = this.leasing;
    void this.#held?.hold();
  }

  /** Ends it. What was not saved stays on the device. */
  endWork(): void {
    this.work?.close();
    this.work = null;
    void this.#held?.end();
    this.#held = undefined;
    void this.grids.refresh();
  }

  expand(code: string): void {
    this.expanded.add(code);
    void this.loadBranch(code);
  }

  collapse(code: string): void {
    this.expanded.delete(code);
  }

  async loadBranch(parent: string): Promise<void> {
    const known = this.branches.get(parent)?.status;
    if (known === 'ready' || known === 'loading') return;
    this.branches.set(parent, { status: 'loading' });
    void this.#summarize(parent);
    try {
      this.branches.set(parent, { status: 'ready', units: await branchOf(parent) });
    } catch (error) {
      this.branches.set(parent, { status: 'failed', error });
    }
  }

  /** The names and codes of all units, fetched when a search begins. */
  loadRegister(): void {
    if (this.register.state.status === 'ready' || this.register.state.status === 'loading') return;
    void this.register.load(async (signal) => {
      const levels = ['banner', 'township', 'community'] as const;
      const lists = await Promise.all(levels.map((level) => listUnits({ level }, { signal })));
      return lists.flatMap(({ items }) => items);
    });
  }

  /** The bounds of what the map is to show, as soon as they are known. */
  boundsOf(code: string): Bounds | null {
    const banner = this.city.value?.banners.find((one) => one.code === code);
    if (banner) return banner.bounds;
    if (code.length === 15) return this.#drawnBounds(code) ?? this.#gridBounds(code);
    const unit = this.detail.value?.unit;
    return unit?.code === code ? unit.bounds : null;
  }

  #gridBounds(code: string): Bounds | null {
    return this.grids.value?.find((one) => one.code === code)?.bounds ?? null;
  }

  #drawnBounds(code: string): Bounds | null {
    const plan = this.work?.editor?.plan;
    const face = plan?.faces.get(code);
    return plan && face ? boundsOf(coordinatesOf(plan.frame, face.shape)) : null;
  }

  /** Brings up to date what the changes touch. */
  apply(changes: readonly Change[]): void {
    const touches = (name: CollectionName) => changes.some(({ collection }) => collection === name);
    const units = touches('units');
    const grids = touches('micro_grids');
    if (!units && !grids && !touches('stations')) return;
    void this.city.refresh();
    void this.detail.refresh();
    if (grids) {
      void this.grids.refresh();
      const drawn = this.work?.community;
      const here = (one: Change) =>
        one.collection === 'micro_grids' && drawn !== undefined && one.code.startsWith(drawn);
      if (changes.some(here)) void this.work?.catchUp().catch(() => undefined); // the next change tries again
    }
    if (units) void this.register.refresh();
    for (const code of this.branches.keys()) void this.#refreshBranch(code);
  }

  // The marks are a help: the tree stands without them.
  async #summarize(parent: string): Promise<void> {
    if (!may(this.session.value, 'staff.read')) return;
    const summaries = await listSummaries(parent).catch(() => []);
    for (const summary of summaries) this.summaries.set(summary.code, summary);
  }

  async #refreshBranch(parent: string): Promise<void> {
    // The old branch stays on a failure: it is older, not wrong.
    void this.#summarize(parent);
    const units = await branchOf(parent).catch(() => undefined);
    if (units) this.branches.set(parent, { status: 'ready', units });
  }

  #loadSelection(): void {
    const { unit } = this.view;
    if (this.work && this.work.community !== unit) this.endWork();
    if (unit === null) {
      this.detail.clear();
      this.grids.clear();
      return;
    }
    for (const code of ancestorsOf(unit)) this.expand(code);
    void this.detail.load((signal) => detailOf(unit, signal));
    if (levelOf(unit) === 'community') {
      void this.grids.load(async (signal) => (await listMicroGrids({ community: unit }, { signal })).items);
    } else {
      this.grids.clear();
    }
  }
}

function nodeOfBanner({ code, name, nameEn, households }: Banner): TreeUnit {
  return { code, level: 'banner', name, nameEn, households };
}

async function branchOf(parent: string): Promise<TreeUnit[]> {
  const [{ items }, figures] = await Promise.all([listUnits({ parent }), figuresBelow(parent)]);
  const households = new Map(figures.map((one) => [one.code, one.households]));
  return items.map(({ code, level, name, nameEn }) => ({
    code,
    level,
    name,
    nameEn,
    households: households.get(code) ?? null,
  }));
}

async function detailOf(code: string, signal: AbortSignal): Promise<UnitDetail> {
  const coverage = getCoverage({ unit: code, ...anyStation }, { signal });
  const [unit, figures] = await Promise.all([getUnit(code, { signal }), orNothing(coverage)]);
  return { unit, figures: figures?.total ?? null };
}

async function figuresBelow(unit: string): Promise<Figures[]> {
  const coverage = await orNothing(getCoverage({ unit, ...anyStation }));
  return coverage?.children ?? [];
}

// Counts are a help: the tree stands without them, and shows a dash.
async function orNothing<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (isAbort(error)) throw error;
    return null;
  }
}

const anyStation = { radiusMeters: 1000, service: null } as const;
