// Units as a tree: what the code of one says, finding one by name, and the rows and keys of the tree view.
import type { Level } from './city.ts';

/** A unit as a row of a tree or a hit of a search. */
export interface UnitNode {
  code: string;
  level: Level;
  name: string;
  nameEn: string;
}

const levelOfDigits: Readonly<Record<number, Level>> = { 6: 'banner', 9: 'township', 12: 'community' };

/** The level that the length of a code tells. The code of a city ends in 00. */
export function levelOf(code: string): Level {
  if (code.length === 6 && code.endsWith('00')) return 'city';
  return levelOfDigits[code.length] ?? 'community';
}

/** The codes of the units above, from the banner down. The code of a unit begins with that of its parent. */
export function ancestorsOf(code: string): string[] {
  return [6, 9].filter((digits) => digits < code.length).map((digits) => code.slice(0, digits));
}

/** The code of the unit just above; null for a banner. */
export function parentOf(code: string): string | null {
  return ancestorsOf(code).at(-1) ?? null;
}

/** Units whose name holds the words or whose code begins with them: the best match first. */
export function searchUnits<T extends UnitNode>(units: readonly T[], words: string, limit = 20): T[] {
  const wanted = words.trim().toLowerCase();
  if (wanted === '') return [];
  return units
    .map((unit) => ({ unit, rank: rankOf(unit, wanted) }))
    .filter(({ rank }) => rank < Infinity)
    .sort(
      (a, b) => a.rank - b.rank || a.unit.code.length - b.unit.code.length || order(a.unit.code, b.unit.code),
    )
    .slice(0, limit)
    .map(({ unit }) => unit);
}

function rankOf(unit: UnitNode, wanted: string): number {
  const names = [unit.name, unit.nameEn].map((name) => name.toLowerCase());
  if (unit.code === wanted || names.includes(wanted)) return 0;
  if (names.some((name) => name.startsWith(wanted))) return 1;
  if (unit.code.startsWith(wanted)) return 2;
  if (names.some((name) => name.includes(wanted))) return 3;
  return Infinity;
}

/** What is known of the units below one. */
export type Branch<T> =
  { status: 'loading' } | { status: 'failed'; error: unknown } | { status: 'ready'; units: readonly T[] };

/** A line of the tree view. */
export interface Row<T extends UnitNode> {
  node: T;
  /** 1 at the top, as aria-level counts. */
  depth: number;
  parent: string | null;
  /** Null for a community: nothing opens below it. */
  expanded: boolean | null;
  position: number;
  siblings: number;
  /** What is below, once asked for. */
  branch: Branch<T> | undefined;
}

/** The lines that are to be seen, from the top. */
export function visibleRows<T extends UnitNode>(
  roots: readonly T[],
  branches: ReadonlyMap<string, Branch<T>>,
  expanded: ReadonlySet<string>,
): Row<T>[] {
  const rows: Row<T>[] = [];
  const add = (nodes: readonly T[], depth: number, parent: string | null) => {
    nodes.forEach((node, index) => {
      const leaf = node.level === 'community';
      const open = !leaf && expanded.has(node.code);
      const branch = branches.get(node.code);
      rows.push({
        node,
        depth,
        parent,
        expanded: leaf ? null : open,
        position: index + 1,
        siblings: nodes.length,
        branch,
      });
      if (open && branch?.status === 'ready') add(branch.units, depth + 1, node.code);
    });
  };
  add(roots, 1, null);
  return rows;
}

export type TreeAction =
  { kind: 'focus'; code: string } | { kind: 'expand' | 'collapse' | 'select'; code: string };

/** What a key does in the tree, as WAI-ARIA has it; null where it does nothing. */
export function treeAction<T extends UnitNode>(
  rows: readonly Row<T>[],
  focused: string,
  key: string,
): TreeAction | null {
  const index = rows.findIndex(({ node }) => node.code === focused);
  const row = rows[index];
  if (!row) return null;
  const focus = (target: Row<T> | undefined): TreeAction | null =>
    target ? { kind: 'focus', code: target.node.code } : null;
  const { code } = row.node;

  switch (key) {
    case 'ArrowDown':
      return focus(rows[index + 1]);
    case 'ArrowUp':
      return focus(rows[index - 1]);
    case 'Home':
      return focus(rows[0]);
    case 'End':
      return focus(rows.at(-1));
    case 'ArrowRight':
      if (row.expanded === false) return { kind: 'expand', code };
      return row.expanded ? focus(rows.slice(index + 1).find(({ parent }) => parent === code)) : null;
    case 'ArrowLeft':
      if (row.expanded) return { kind: 'collapse', code };
      return row.parent === null ? null : { kind: 'focus', code: row.parent };
    case 'Enter':
    case ' ':
      return { kind: 'select', code };
    default:
      return null;
  }
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
