// A sketch over a community: its micro-grids as they are drawn, in the map in place of the tiles'; and on a sheet
// above what the pointer would make of them. The map is told only what is done: it lies still under a drag.
import type { GeoJSONSource, Map as MapLibre } from 'maplibre-gl';
import type { Sheet, SheetArea, SketchArea, SketchMark } from './sheet.ts';
import { listen, type SketchListener } from './sketch-pointer.ts';

export interface SketchData {
  readonly community: string;
  readonly areas: ReadonlyMap<string, SketchArea>;
}

/** What the pointer would make of the areas. */
export interface SketchPreview {
  readonly areas: readonly SheetArea[];
  /** The areas that would be others then, or no longer there. */
  readonly changed: readonly string[];
}

export interface Sketch {
  /** Shows these areas. Those that are the very same object as before are left alone. */
  showAreas(areas: ReadonlyMap<string, SketchArea>): void;
  showPreview(preview: SketchPreview): void;
  showMarks(marks: readonly SketchMark[]): void;
  showPointer(pointer: 'default' | 'crosshair' | 'pointer' | 'move'): void;
  /** Takes all of it off the map again. */
  end(): void;
}

/** What MapLibre needs of the sketch, from whoever holds the style. */
export interface SketchHost {
  /** A sheet over the map. */
  lay(): Sheet;
  /** The style with the sketch in it; null without. */
  restyle(data: SketchData | null): void;
  /** Keeps the data that the style is to be built with, and draws nothing. */
  keep(data: SketchData): void;
  ended(): void;
}

export function areaFeature({ code, coordinates, households, label }: SketchArea): GeoJSON.Feature {
  return {
    type: 'Feature',
    properties: { code, households, label },
    geometry: { type: 'MultiPolygon', coordinates: coordinates as unknown as number[][][][] },
  };
}

/** Begins a sketch over a community, whose micro-grids the tiles then leave to it. */
export function beginSketch(
  map: MapLibre,
  community: string,
  listener: SketchListener,
  host: SketchHost,
): Sketch {
  let data: SketchData = { community, areas: new Map() };
  let pointer = '';
  host.restyle(data);
  const release = listen(map, listener);
  const sheet = host.lay();
  const hidden = new Hidden(map, sheet);

  return {
    showAreas(areas) {
      const before = data.areas;
      data = { ...data, areas };
      host.keep(data);
      const add = [...areas.values()].filter((area) => before.get(area.code) !== area);
      const remove = [...before.keys()].filter((code) => !areas.has(code));
      if (add.length + remove.length === 0) return;
      const source = map.getSource<GeoJSONSource>('sketch-areas');
      if (before.size === 0)
        void source?.setData({ type: 'FeatureCollection', features: add.map(areaFeature) });
      else
        hidden.until(source?.updateData({ add: add.map(areaFeature), remove }), [
          ...add.map((area) => [area.code, area] as const),
          ...remove.map((code) => [code, null] as const),
        ]);
    },
    showPreview(preview) {
      hidden.show(preview);
    },
    showMarks(marks) {
      sheet.showMarks(marks);
    },
    showPointer(next) {
      const wanted = next === 'default' ? '' : next;
      if (wanted !== pointer) map.getCanvas().style.cursor = wanted;
      pointer = wanted;
    },
    end() {
      hidden.forget();
      sheet.remove();
      release();
      host.restyle(null);
      host.ended();
    },
  };
}

/**
 * What the sheet shows in place of the map. What was done stays on the sheet until the map has drawn it, or the old
 * would be seen again for a moment.
 */
class Hidden {
  readonly #map: MapLibre;
  readonly #sheet: Sheet;
  readonly #settling = new Map<string, SketchArea | null>();
  #preview: SketchPreview = { areas: [], changed: [] };
  #hidden = new Set<string>();
  #gone = false;

  constructor(map: MapLibre, sheet: Sheet) {
    this.#map = map;
    this.#sheet = sheet;
  }

  show(preview: SketchPreview): void {
    this.#preview = preview;
    this.#draw();
  }

  until(drawn: Promise<void> | undefined, changed: readonly (readonly [string, SketchArea | null])[]): void {
    for (const [code, area] of changed) this.#settling.set(code, area);
    this.#draw();
    const settled = () => {
      for (const [code, area] of changed) if (this.#settling.get(code) === area) this.#settling.delete(code);
      if (!this.#gone) this.#draw();
    };
    void drawn?.finally(() => {
      if (this.#gone) return;
      this.#map.once('idle', settled);
      this.#map.triggerRepaint();
    });
  }

  forget(): void {
    this.#gone = true;
  }

  #draw(): void {
    const { areas, changed } = this.#preview;
    const shown = new Set(areas.flatMap(({ area, instead }) => (instead ? [area.code] : [])));
    const settling = [...this.#settling].filter(([code, area]) => area !== null && !shown.has(code));
    this.#sheet.showAreas([
      ...settling.flatMap(([, area]) => (area ? [{ area, mark: '', instead: true } as const] : [])),
      ...areas,
    ]);
    this.#hide(new Set([...changed, ...this.#settling.keys()]));
  }

  #hide(codes: Set<string>): void {
    const set = (code: string, over: boolean) => {
      this.#map.setFeatureState({ source: 'sketch-areas', id: code }, { over });
    };
    for (const code of this.#hidden) if (!codes.has(code)) set(code, false);
    for (const code of codes) if (!this.#hidden.has(code)) set(code, true);
    this.#hidden = codes;
  }
}
