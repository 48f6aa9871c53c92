// What a plan changes of what the server has.
import { coordinatesOf, type Coordinates, type Face, type GridFeature, type Plan } from './plan.ts';

/** What the server takes of a micro-grid. */
export type SentGrid = Omit<GridFeature, 'version'>;

export type GridEdit =
  | { readonly op: 'create'; readonly code: string; readonly grid: SentGrid }
  | { readonly op: 'update'; readonly code: string; readonly version: number; readonly grid: SentGrid }
  | { readonly op: 'delete'; readonly code: string; readonly version: number };

/** What the server has, by code. */
export type Base = ReadonlyMap<string, GridFeature>;

export function baseOf(features: Iterable<GridFeature>): Base {
  return new Map([...features].map((feature) => [feature.code, feature]));
}

/** What the server has once it took the edits: each feature is one version on, a new one begins at 1. */
export function baseAfter(base: readonly GridFeature[], edits: readonly GridEdit[]): GridFeature[] {
  const after = new Map(baseOf(base));
  for (const edit of edits) {
    if (edit.op === 'delete') after.delete(edit.code);
    else after.set(edit.code, { ...edit.grid, version: edit.op === 'update' ? edit.version + 1 : 1 });
  }
  return [...after.values()].sort((a, b) => (a.code < b.code ? -1 : 1));
}

/** The edits that make what the server has into the plan, each with the version that it is based on. */
export function editsOf(base: Base, plan: Plan): GridEdit[] {
  const edits: GridEdit[] = [];
  for (const face of plan.faces.values()) {
    const feature = base.get(face.code);
    const coordinates = coordinatesOf(plan.frame, face.shape);
    if (!feature) {
      edits.push({ op: 'create', code: face.code, grid: sent(plan, face, coordinates, false) });
    } else if (differs(feature, face, coordinates)) {
      const grid = sent(plan, face, coordinates, feature.synthetic);
      edits.push({ op: 'update', code: face.code, version: feature.version, grid });
    }
  }
  for (const { code, version } of base.values())
    if (!plan.faces.has(code)) edits.push({ op: 'delete', code, version });
  return edits.sort((a, b) => (a.code < b.code ? -1 : 1));
}

function differs(feature: GridFeature, { name, households, zone }: Face, coordinates: Coordinates): boolean {
  return (
    feature.name !== name ||
    feature.households !== households ||
    feature.zone !== zone ||
    JSON.stringify(feature.coordinates) !== JSON.stringify(coordinates)
  );
}

// What was changed is a draft again, whatever it was before.
function sent(plan: Plan, face: Face, coordinates: Coordinates, synthetic: boolean): SentGrid {
  const { code, name, households, zone } = face;
  return { code, community: plan.community, name, households, zone, status: 'draft', synthetic, coordinates };
}
