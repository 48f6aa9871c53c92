// What the maps of the page show, in which classes, and where the pointer is.
import type { Bounds } from '../../geo/bounds.ts';
import type { LngLat } from '../../geo/distance.ts';
import type { CityMap, Pick, SeenCell } from '../../map/map.ts';
import { rampOf } from '../../map/ramps.ts';
import { FIGURE_SHADE, opacitiesOf, shadeAt } from '../../map/shades.ts';
import { breaksOf } from './words.ts';
import { countsOf } from '../../model/classes.ts';
import { measureOf, THE_CITY } from '../../model/coverage.ts';
import { parametersOf } from '../../model/question.ts';
import { widened, type Touched } from '../../map/touched.ts';
import type { Preferences } from '../../ui/preferences.svelte.ts';
import type { LayersState } from './layers.svelte.ts';
import type { AnalystState } from './state.svelte.ts';
import { moveTogether } from './sync.ts';

export class MapState {
  map: CityMap | undefined = $state.raw();
  #other: CityMap | undefined;
  /** What the pointer is on, on the map. */
  hovered: Pick | null = $state.raw(null);
  /** The unit of the row that the pointer is on. */
  pointedRow: string | null = $state(null);
  /** Where the pointer is, in the table or on the map. */
  readonly pointed = $derived(this.pointedRow ?? (this.hovered?.unit || null));
  /** Where the map is to go, which may be asked for before it is there. */
  goal: Bounds | null = $state.raw(null);
  #seen: readonly SeenCell[] = $state.raw([]);

  readonly #analyst: AnalystState;
  readonly #layers: LayersState;
  readonly #preferences: Preferences;

  constructor(analyst: AnalystState, layers: LayersState, preferences: Preferences) {
    this.#analyst = analyst;
    this.#layers = layers;
    this.#preferences = preferences;
  }

  get #zoom(): number {
    return (this.#analyst.view.camera ?? this.map?.camera())?.zoom ?? 0;
  }

  readonly ramp = $derived.by(() => {
    const { view } = this.#analyst;
    return rampOf(view.measure, this.#preferences.theme, breaksOf(view));
  });
  readonly #byUnit = $derived.by(() =>
    this.#analyst.ranking.map((unit) => measureOf(unit, this.#analyst.view.measure)),
  );
  /** What the map shows a value of, now. */
  readonly values = $derived.by(() => this.#values());
  readonly counts = $derived.by(() =>
    countsOf(
      this.values,
      this.ramp.slice(1).map(({ from }) => from),
    ),
  );
  /** How strongly the map draws hexagons or units: several opacities where hexagons of few households are faint. */
  readonly opacities = $derived.by(() => {
    const { display, measure } = this.#analyst.view;
    return opacitiesOf({ byUnit: display === 'units', measure }, this.#zoom);
  });
  /** The same of units by a figure. */
  readonly figureOpacities = $derived.by(() => [shadeAt(FIGURE_SHADE, this.#zoom)]);
  /** Units of which there is nothing to say. */
  readonly without = $derived.by(() => this.#byUnit.length - this.values.length);
  readonly shown = $derived.by(() => this.#shown());
  /** What a second map shows beside it. */
  readonly beside = $derived.by(() => this.#beside());

  #values(): readonly number[] {
    const { display, measure } = this.#analyst.view;
    if (display === 'units') return this.#byUnit.filter((value) => value !== null);
    return this.#seen.map(({ households, covered }) =>
      measure === 'share' ? covered / households : households - covered,
    );
  }

  #shown() {
    const { view, search, plan, gap } = this.#analyst;
    const sites = search?.state === 'found' ? search.siting.sites : [];
    return {
      selectedUnit: view.unit,
      coverage: {
        question: parametersOf(view),
        measure: view.measure,
        breaks: view.classes?.breaks ?? null,
        hidden: this.#layers.showsFigures,
      },
      unitFill: view.display === 'units' ? this.#analyst.unitFill(this.ramp) : null,
      results:
        view.topic === 'siting'
          ? sites.map(({ h3, at }, index) => ({ code: h3, at, label: String(index + 1), proposed: true }))
          : [],
      gap: view.topic === 'gaps' ? (gap?.outline ?? null) : null,
      changes: plan.changes,
      ...this.#layers.shown(this.#preferences.theme),
      pointedUnit: this.pointedRow,
    };
  }

  #beside() {
    const { view } = this.#analyst;
    const scenario = view.compare === THE_CITY ? null : view.compare;
    return {
      ...this.shown,
      coverage: {
        ...this.shown.coverage,
        question: parametersOf({ ...view, whatIf: null, scenario }),
        hidden: false,
      },
      unitFill: null,
      indicator: null,
      results: [],
      changes: { closed: [], moves: [] },
    };
  }

  /** Goes to what is wanted once it is known where that is. To be called while the page is set up. */
  followGoals(): void {
    $effect(() => {
      const { wanted } = this.#analyst;
      if (!this.map || wanted === null) return;
      const bounds = this.#analyst.boundsOf(wanted);
      if (!bounds) return;
      this.map.fit(bounds);
      this.#analyst.wanted = null;
    });
    $effect(() => {
      if (!this.map || !this.goal) return;
      this.map.fit(this.goal);
      this.goal = null;
    });
  }

  open(opened: CityMap): void {
    this.map = opened;
    opened.onMove((camera) => {
      this.#analyst.view = { ...this.#analyst.view, camera };
    });
    opened.onPick((pick) => {
      this.#pick(pick);
    });
    opened.onCells((cells) => (this.#seen = cells));
    opened.onHover((pick) => (this.hovered = pick));
  }

  openBeside(first: CityMap, opened: CityMap): void {
    this.#other = opened;
    moveTogether(first, opened);
  }

  #pick(pick: Pick): void {
    const [analyst, layers] = [this.#analyst, this.#layers];
    if (analyst.view.topic === 'scenario') analyst.pickForPlan(pick);
    else if (pick.kind === 'mark' || (layers.showsFigures && pick.kind === 'unit')) layers.pick(pick);
    else if (pick.kind === 'cell') analyst.explain({ at: pick.at });
    else if (pick.kind === 'unit' && pick.level !== 'city') analyst.lookInto(pick.code);
  }

  refreshTouched(touched: Touched): void {
    // Households that move within a unit move the shares of all that is counted there.
    const wider = this.#analyst.view.weight === null ? touched : widened(touched, 'coverage');
    this.map?.refreshTouched(wider);
    this.#other?.refreshTouched(wider);
  }

  zoomTo(at: LngLat): void {
    this.map?.moveTo({ center: at, zoom: 13 });
  }
}
