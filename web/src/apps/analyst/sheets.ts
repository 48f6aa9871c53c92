// The sheets of a report: a map and what there is to say of it, for one place each.
import { askCoverage } from '../../api/analysis.ts';
import type { Bounds } from '../../geo/bounds.ts';
import type { CityMap, MapView, SeenCell } from '../../map/map.ts';
import { rampOf, type Ramp } from '../../map/ramps.ts';
import { opacitiesOf, tintsOf } from '../../map/shades.ts';
import type { Coverage, Figures } from '../../model/city.ts';
import { classAt } from '../../model/classes.ts';
import { measureOf, rankByNeed, type AnalystView } from '../../model/coverage.ts';
import { parametersOf } from '../../model/question.ts';
import { breaksOf } from './words.ts';

/** What a sheet is about. */
export interface SheetOf {
  /** The city where it is null. */
  readonly unit: string | null;
  readonly place: string;
  /** Null for where the camera of the view is. */
  readonly bounds: Bounds | null;
}

/** What a scenario does to stations, as it is drawn. */
export interface Marks {
  /** Stations that it adds, in their order. */
  readonly results: MapView['results'];
  readonly changes: MapView['changes'];
}

export interface Sheet extends SheetOf {
  readonly image: string;
  readonly picture: HTMLCanvasElement;
  /** Of a pixel of the picture. */
  readonly metersPerPixel: number;
  readonly ramp: Ramp;
  /** The colours of each class as the map shows them: several where hexagons of few households are faint. */
  readonly tints: readonly (readonly string[])[];
  readonly counts: readonly number[];
  /** Units without households; null where hexagons are drawn. */
  readonly none: number | null;
  readonly coverage: Coverage;
  readonly figures: Figures;
  readonly ranking: readonly Figures[];
}

/** Draws one sheet. A report is always by day: paper is white. */
export async function drawSheet(map: CityMap, view: AnalystView, of: SheetOf, marks: Marks): Promise<Sheet> {
  const coverage = await askCoverage(view, { unit: of.unit });
  const ramp = rampOf(view.measure, 'day', breaksOf(view));
  const ranking = rankByNeed(coverage.children);
  map.show({ ...shown(view, coverage, ramp), ...marks, selectedUnit: of.unit });
  if (of.bounds) map.fit(of.bounds, { still: true });
  else if (view.camera) map.follow(view.camera);
  await map.whenSettled();
  const values =
    view.display === 'units'
      ? ranking.map((unit) => measureOf(unit, view.measure))
      : map.cellsInSight().map((cell) => valueOf(cell, view));
  const known = values.filter((value) => value !== null);
  const { canvas, metersPerPixel } = map.picture();
  const picture = copyOf(canvas);
  const opacities = opacitiesOf(
    { byUnit: view.display === 'units', measure: view.measure },
    map.camera().zoom,
  );
  return {
    ...of,
    picture,
    image: picture.toDataURL('image/png'),
    metersPerPixel: (metersPerPixel * canvas.clientWidth) / canvas.width,
    ramp,
    tints: ramp.map(({ color }) => tintsOf(color, opacities, 'day')),
    counts: ramp.map((_, index) => known.filter((value) => at(ramp, value) === index).length),
    none: view.display === 'units' ? values.length - known.length : null,
    coverage,
    figures: coverage.total,
    ranking,
  };
}

function shown(view: AnalystView, coverage: Coverage, ramp: Ramp): Partial<MapView> {
  const units = [coverage.total, ...coverage.children];
  const values = Object.fromEntries(units.map((unit) => [unit.code, measureOf(unit, view.measure)]));
  return {
    coverage: {
      question: parametersOf(view),
      measure: view.measure,
      breaks: view.classes?.breaks ?? null,
    },
    unitFill: view.display === 'units' ? { values, ramp, whole: coverage.total.code } : null,
  };
}

function valueOf({ households, covered }: SeenCell, { measure }: AnalystView): number {
  return measure === 'share' ? covered / households : households - covered;
}

function at(ramp: Ramp, value: number): number {
  return classAt(
    ramp.slice(1).map(({ from }) => from),
    value,
  );
}

// The canvas of the map shows the next sheet soon.
function copyOf(canvas: HTMLCanvasElement): HTMLCanvasElement {
  const copy = document.createElement('canvas');
  copy.width = canvas.width;
  copy.height = canvas.height;
  copy.getContext('2d')?.drawImage(canvas, 0, 0);
  return copy;
}
