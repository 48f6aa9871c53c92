// What the planner looks at.
import { formatCamera, parseCamera, parseCode, type CameraAddress } from './address.ts';
import { HOUSEHOLDS_PER_LEADER, type MicroGrid } from './city.ts';

/** What the inspector shows of a community. */
export const PANELS = ['edit', 'review', 'history', 'leaders'] as const;
export type PanelName = (typeof PANELS)[number];

export interface PlannerView {
  unit: string | null;
  grid: string | null;
  panel: PanelName;
  camera: CameraAddress | null;
}

/** The view of an address. A micro-grid names its community. */
export function readPlannerView(query: URLSearchParams): PlannerView {
  const grid = parseCode(query.get('grid'), 15);
  return {
    grid,
    unit: grid?.slice(0, 12) ?? parseCode(query.get('unit'), 6, 9, 12),
    panel: PANELS.find((name) => name === query.get('panel')) ?? 'edit',
    camera: parseCamera(query.get('map')),
  };
}

/** Writes the view into an address. */
export function writePlannerView({ unit, grid, panel, camera }: PlannerView, query: URLSearchParams): void {
  if (grid) query.set('grid', grid);
  else if (unit) query.set('unit', unit);
  if (panel !== 'edit') query.set('panel', panel);
  if (camera) query.set('map', formatCamera(camera));
}

export type Load = 'within' | 'above' | 'far_above';

/** How the households of a micro-grid compare with what one leader is meant to answer for. */
export function loadOf(households: number): Load {
  if (households <= HOUSEHOLDS_PER_LEADER) return 'within';
  return households < 1.5 * HOUSEHOLDS_PER_LEADER ? 'above' : 'far_above';
}

export const GRID_COLUMNS = ['code', 'households', 'zone', 'area'] as const;
export type GridColumn = (typeof GRID_COLUMNS)[number];

export interface GridOrder {
  column: GridColumn;
  descending: boolean;
}

/** The micro-grids in the order asked for, ties by code. */
export function sortGrids(grids: readonly MicroGrid[], { column, descending }: GridOrder): MicroGrid[] {
  const sign = descending ? -1 : 1;
  return [...grids].sort((a, b) => sign * compare(a, b, column) || compare(a, b, 'code'));
}

function compare(a: MicroGrid, b: MicroGrid, column: GridColumn): number {
  switch (column) {
    case 'households':
      return a.households - b.households;
    case 'area':
      return (a.areaSquareMeters ?? 0) - (b.areaSquareMeters ?? 0);
    case 'zone':
      return a.zone.localeCompare(b.zone);
    case 'code':
      return a.code < b.code ? -1 : a.code > b.code ? 1 : 0;
  }
}
