// What a community goes through in its review, and how its micro-grids are drawn without a map: as paths of an
// SVG, which print and need no WebGL.
import type { LngLat } from '../geo/distance.ts';

export const STEPS = ['submit', 'return', 'publish'] as const;
export type Step = (typeof STEPS)[number];
export type ReviewStatus = 'draft' | 'in_review' | 'returned' | 'published';

/** What keeps one from a step. */
export type Against = 'role' | 'nothing' | 'drafts' | 'own_work';

export interface Lease {
  holder: string;
  until: Date;
}

/** How a community stands, in a line. */
export interface Summary {
  code: string;
  status: ReviewStatus;
  /** Micro-grids without a unit leader. */
  leaderless: number;
  /** Micro-grids with far more households than a leader is meant to answer for. */
  overloaded: number;
}

/** Those furthest from being published first. */
const byProgress: readonly ReviewStatus[] = ['draft', 'returned', 'in_review', 'published'];

/** How a unit stands by its communities: as the one furthest from being published; undefined without any. */
export function summaryOf(
  unit: string,
  communities: Iterable<Summary>,
): (Summary & { unpublished: number }) | undefined {
  const below = [...communities].filter(({ code }) => code.startsWith(unit));
  const status = byProgress.find((one) => below.some((community) => community.status === one));
  if (status === undefined) return undefined;
  const sum = (key: 'leaderless' | 'overloaded') => below.reduce((all, one) => all + one[key], 0);
  return {
    code: unit,
    status,
    leaderless: sum('leaderless'),
    overloaded: sum('overloaded'),
    unpublished: below.filter((one) => one.status !== 'published').length,
  };
}

export interface Standing {
  status: ReviewStatus;
  counts: Readonly<Record<ReviewStatus, number>>;
  /** Of the last change: what steps are held against. */
  seq: number;
  publishedSeq: number | null;
  publishedAt: Date | null;
  /** Who has drawn since it was published. */
  hands: readonly string[];
  /** Empty for a step that may be taken. */
  against: ReadonlyMap<Step, Against | ''>;
  lease: Lease | null;
  openComments: number;
}

export interface GridShape {
  code: string;
  name: string;
  households: number;
  status: ReviewStatus;
  /** Polygons of rings. */
  polygons: readonly (readonly (readonly LngLat[])[])[];
}

export interface GridDifference {
  code: string;
  change: 'added' | 'removed' | 'changed';
  what: readonly string[];
  before: GridShape | null;
  after: GridShape | null;
}

export type Lines = readonly (readonly LngLat[])[];

export interface Difference {
  from: number;
  to: number;
  grids: readonly GridDifference[];
  removed: Lines;
  added: Lines;
}

export interface CommunityChange {
  id: number;
  seq: number;
  at: Date;
  author: string;
  reason: string;
  microGrids: number;
  reshaped: number;
  step: Step | null;
}

export interface Stretch {
  lines: Lines;
  microGrids: readonly string[];
  changeset: number;
  at: Date;
  author: string;
  reason: string;
}

export interface Comment {
  id: number;
  microGrid: string | null;
  location: LngLat | null;
  author: string;
  text: string;
  at: Date;
  resolvedBy: string | null;
}

export const LEADER_ROLES = ['unit_leader', 'grid_member', 'party_group_leader'] as const;
export type LeaderRole = (typeof LEADER_ROLES)[number];
export const SELECTIONS = ['elected', 'recommended', 'appointed'] as const;
export type Selection = (typeof SELECTIONS)[number];

export interface Leader {
  code: string;
  role: LeaderRole;
  households: number;
  selected: Selection;
  maskedName: string;
  maskedPhone: string;
  version: number;
}

export interface Contact {
  name: string;
  phone: string;
}

/** Those that were revealed, by the codes of the leaders. */
export type Contacts = Readonly<Record<string, Contact>>;

export interface GridLeaders {
  code: string;
  name: string;
  households: number;
  leaders: readonly Leader[];
  missing: readonly LeaderRole[];
  balanced: boolean;
}

export interface CommunityLeaders {
  grids: readonly GridLeaders[];
  mayEdit: boolean;
  mayReveal: boolean;
}

/** How places become positions of a drawing that is `width` wide. */
export interface Frame {
  width: number;
  height: number;
  at(place: LngLat): readonly [x: number, y: number];
  back(x: number, y: number): LngLat;
}

/** The frame that shows all of the shapes, a little margin around them. */
export function frameOf(shapes: readonly GridShape[], width: number, margin = 8): Frame {
  let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [lng, lat] of shapes.flatMap(({ polygons }) => polygons.flat(2))) {
    west = Math.min(west, lng);
    east = Math.max(east, lng);
    south = Math.min(south, lat);
    north = Math.max(north, lat);
  }
  if (!Number.isFinite(west)) [west, south, east, north] = [0, 0, 1, 1];
  const squeeze = Math.cos((((south + north) / 2) * Math.PI) / 180);
  const inner = width - 2 * margin;
  const wide = Math.max((east - west) * squeeze, 1e-9);
  const tall = Math.max(north - south, 1e-9);
  const scale = inner / Math.max(wide, tall * 0.8); // a tall community is not drawn taller than 1.25 its width
  const left = margin + (inner - wide * scale) / 2;
  return {
    width,
    height: tall * scale + 2 * margin,
    at: ([lng, lat]) => [left + (lng - west) * squeeze * scale, margin + (north - lat) * scale],
    back: (x, y) => [(x - left) / scale / squeeze + west, north - (y - margin) / scale],
  };
}

/** The path of a shape; holes are left out by the even-odd rule. */
export function pathOf({ polygons }: Pick<GridShape, 'polygons'>, frame: Frame): string {
  return polygons
    .flat()
    .map((ring) => `${trace(ring.slice(0, -1), frame)}Z`)
    .join('');
}

/** The path of lines. */
export function tracesOf(lines: Lines, frame: Frame): string {
  return lines.map((line) => trace(line, frame)).join('');
}

function trace(line: readonly LngLat[], frame: Frame): string {
  return line
    .map((place, i) => {
      const [x, y] = frame.at(place);
      return `${i === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`;
    })
    .join('');
}

/** A place to write on: the middle of the outer ring of the largest polygon, by area. */
export function middleOf({ polygons }: Pick<GridShape, 'polygons'>, frame: Frame): readonly [number, number] {
  let best: readonly [number, number] = [frame.width / 2, frame.height / 2];
  let largest = 0;
  for (const [outer] of polygons) {
    const points = (outer ?? []).map((place) => frame.at(place));
    let [twice, x, y] = [0, 0, 0];
    for (let i = 1; i < points.length; i++) {
      const [[ax, ay], [bx, by]] = [points[i - 1] ?? [0, 0], points[i] ?? [0, 0]];
      const cross = ax * by - bx * ay;
      twice += cross;
      x += (ax + bx) * cross;
      y += (ay + by) * cross;
    }
    if (Math.abs(twice) > largest) {
      largest = Math.abs(twice);
      best = [x / (3 * twice), y / (3 * twice)];
    }
  }
  return best;
}

/** How many places of the iron triangle nobody has. */
export function missingOf({ grids }: CommunityLeaders): number {
  return grids.reduce((sum, { missing }) => sum + missing.length, 0);
}
