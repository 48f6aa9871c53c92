// What the analyst's page holds of indicators and places, beside the state of coverage.
import {
  coverageShares,
  getAreas,
  getPlaceLayer,
  getValues,
  listIndicators,
  listPlaceLayers,
  type UnitArea,
} from '../../api/layers.ts';
import type { Classes } from '../../model/classes.ts';
import type { LayerFigure } from '../../model/explanation.ts';
import type { Bounds } from '../../geo/bounds.ts';
import type { IndicatorFill, MarkedPlace, Pick as MapPick } from '../../map/map.ts';
import { indicatorRamp, type Ramp } from '../../map/ramps.ts';
import {
  indicatorBreaks,
  knownOf,
  rankByValue,
  valuesByCode,
  type Indicator,
  type IndicatorValues,
  type LayerList,
  type PlaceLayer,
  type PlaceLayerWithPlaces,
  type UnitValue,
} from '../../model/indicator.ts';
import type { AnalystView, Topic } from '../../model/coverage.ts';
import type { Pair } from '../../model/statistics.ts';
import type { Theme } from '../../ui/preferences.svelte.ts';
import { Resource } from '../../ui/resource.svelte.ts';
import type { AnalystState } from './state.svelte.ts';

/** A unit of the cross-plot: coverage across, the figure up. */
export interface PlottedUnit extends Pair {
  unit: UnitValue;
}

type Shown = Pick<AnalystView, 'indicator' | 'date' | 'places'>;

export class LayersState {
  readonly indicators = new Resource<LayerList<Indicator>>();
  readonly values = new Resource<IndicatorValues>();
  readonly areas = new Resource<UnitArea[]>();
  readonly shares = new Resource<Map<string, number | null>>();
  readonly placeLayers = new Resource<LayerList<PlaceLayer>>();
  readonly placeLayer = new Resource<PlaceLayerWithPlaces>();

  /** The unit that is looked at, in the ranking, the plot and the map alike. */
  unit: string | null = $state(null);
  /** The same, if it was picked on the map: its row comes into sight. */
  picked: string | null = $state(null);
  /** The place that is looked at, by its place in the list. */
  place: number | null = $state(null);
  /** The figure that is asked about. */
  explained: LayerFigure | null = $state.raw(null);

  readonly #analyst: AnalystState;

  constructor(analyst: AnalystState) {
    this.#analyst = analyst;
  }

  readonly ranked = $derived.by(() => rankByValue(this.values.value?.units ?? []));
  readonly known = $derived.by(() => knownOf(this.ranked));
  readonly breaks = $derived.by(() => this.#breaks());
  readonly plotted = $derived.by(() => plottedOf(this.ranked, this.shares.value));

  /** Whether the map is to show figures of an indicator, which may be on their way. */
  get showsFigures(): boolean {
    const { topic, indicator } = this.#analyst.view;
    return topic === 'indicators' && indicator !== null && this.values.state.status !== 'failed';
  }

  #breaks(): readonly number[] {
    const values = this.values.value;
    return values ? indicatorBreaks(values.indicator, this.ranked, this.#analyst.view.figureClasses) : [];
  }

  /** Looks at a unit or a place that was picked on the map. */
  pick({ kind, code }: Pick<MapPick, 'kind' | 'code'>): void {
    if (kind === 'mark') this.place = Number(code);
    else this.unit = this.picked = this.valueAt(code)?.code ?? null;
  }

  /** Asks for what the address names. Called whenever it changes; nobody tells of layers that others add, so a list is asked for anew each time it is opened. */
  follow(topic: Topic, { indicator, date, places }: Shown): void {
    if (topic === 'indicators') {
      if (this.#topic !== topic) this.reloadIndicators();
      if (indicator === null) this.#closeIndicator();
      else this.#openIndicator(indicator, date);
    }
    if (topic === 'places') {
      if (this.#topic !== topic) this.reloadPlaces();
      if (places === null) this.#closePlaces();
      else if (this.#openLayer !== places) {
        this.#openLayer = places;
        this.place = null;
        void this.placeLayer.load((signal) => getPlaceLayer(places, { signal }));
      }
    }
    this.#topic = topic;
  }

  #topic = '';
  #open = '';
  #openLayer: string | null = null;

  #openIndicator(id: string, date: string | null): void {
    const asked = `${id} ${date ?? ''}`;
    if (this.#open === asked) return;
    if (!this.#open.startsWith(`${id} `)) {
      this.unit = null;
      void this.areas.load((signal) => getAreas(id, { signal }));
    }
    this.#open = asked;
    void this.values.replace((signal) => getValues(id, date, { signal }));
  }

  #closePlaces(): void {
    this.#openLayer = null;
    this.placeLayer.clear();
  }

  #closeIndicator(): void {
    this.#open = '';
    this.values.clear();
    this.areas.clear();
    this.shares.clear();
  }

  /** Asks how the units of the indicator are covered, under the conditions of the page. */
  followCoverage(): void {
    const { indicator } = this.values.value ?? {};
    if (!indicator) return;
    const question = this.#analyst.view;
    const within = indicator.unit.endsWith('00') && indicator.unit.length === 6 ? null : indicator.unit;
    void this.shares.replace((signal) => coverageShares(question, indicator.level, within, { signal }));
  }

  reloadIndicators(): void {
    void this.indicators.replace((signal) => listIndicators({ signal }));
  }

  reloadPlaces(): void {
    void this.placeLayers.replace((signal) => listPlaceLayers({ signal }));
  }

  /** Asks again after places were added, replaced or taken away. */
  reopenPlaces(): void {
    this.#openLayer = null;
    this.reloadPlaces();
    this.follow(this.#analyst.view.topic, this.#analyst.view);
  }

  /** Asks again after figures were added. */
  reopen(): void {
    this.#open = '';
    this.reloadIndicators();
    this.follow(this.#analyst.view.topic, this.#analyst.view);
  }

  /** The classes that somebody chose. */
  get classes(): Classes | null {
    return this.#analyst.view.figureClasses;
  }

  ramp(theme: Theme): Ramp {
    return indicatorRamp(this.breaks, theme);
  }

  /** What the map is to show of it all. */
  shown(theme: Theme): { indicator: IndicatorFill | null; places: MarkedPlace[] } {
    const { topic } = this.#analyst.view;
    const values = topic === 'indicators' ? this.values.value : undefined;
    const layer = topic === 'places' ? this.placeLayer.value : undefined;
    return {
      indicator: values
        ? {
            level: values.indicator.level,
            values: valuesByCode(values.units),
            ramp: this.ramp(theme),
            areas: this.areas.value ?? [],
          }
        : null,
      places: (layer?.places ?? []).map(({ name, at }, index) => ({
        name,
        at,
        chosen: index === this.place,
      })),
    };
  }

  boundsOf(code: string): Bounds | null {
    return this.areas.value?.find((area) => area.code === code)?.bounds ?? null;
  }

  /** The figure of a unit that the pointer is on, or of the one above it that has one. */
  valueAt(code: string): UnitValue | undefined {
    if (code === '') return undefined;
    return this.values.value?.units.find((unit) => code.startsWith(unit.code));
  }
}

function plottedOf(
  units: readonly UnitValue[],
  shares: ReadonlyMap<string, number | null> | undefined,
): PlottedUnit[] {
  return units.flatMap((unit) => {
    const share = shares?.get(unit.code) ?? null;
    return unit.value === null || share === null ? [] : [{ unit, x: share, y: unit.value }];
  });
}
