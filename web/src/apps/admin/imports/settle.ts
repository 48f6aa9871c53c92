// What a person decided about rows that were left to them.
import type { ImportSettlement } from '../../../api/imports.ts';

/** Decides that a row is left out. */
export const OUT = '-';

/** A question of the file: what a field of a row means. */
export interface Question {
  row: number;
  field: string;
}

export function keyOf({ row, field }: Question): string {
  return `${String(row)} ${field}`;
}

/** Adds decisions, by the key of their question, to those of before. A row that is left out has no other answer. */
export function settled(
  before: readonly ImportSettlement[],
  decisions: Readonly<Record<string, string>>,
): ImportSettlement[] {
  const list = new Map(before.map((one) => [keyOf({ row: one.row, field: one.field ?? '' }), one]));
  for (const [key, code] of Object.entries(decisions)) {
    const at = key.indexOf(' ');
    const [row, field] = [Number(key.slice(0, at)), key.slice(at + 1)];
    if (code === OUT) {
      for (const [other, one] of list) if (one.row === row) list.delete(other);
      list.set(keyOf({ row, field: '' }), { row });
    } else if (code !== '') list.set(key, { row, field, code });
  }
  return [...list.values()];
}

/** How many questions were answered. */
export function answered(decisions: Readonly<Record<string, string>>): number {
  return Object.values(decisions).filter((code) => code !== '').length;
}
