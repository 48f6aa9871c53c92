// What a check found, as rows of one list with what to draw for each.
import type {
  Import,
  ImportCandidate,
  ImportChange,
  ImportDuplicate,
  ImportFault,
  ImportProblem,
} from '../../../api/imports.ts';
import type { OverlayShape } from '../../../map/rooms/overlay.ts';
import type { Lang, Translate } from '../../../ui/i18n.ts';
import type { imports } from './messages.ts';
import type { Question } from './settle.ts';

/** The kinds of problem that there are words for; the message of the server says more. */
const CODES = [
  'bad_record',
  'bad_text',
  'bad_value',
  'bad_geometry',
  'invalid_shape',
  'flattened',
  'missing',
  'code_twice',
  'outside_city',
  'outside_unit',
  'unknown_unit',
  'unknown_code',
  'not_matched',
  'ambiguous',
  'near',
  'same_name',
  'mismatch',
  'not_a_partition',
  'too_many_values',
  'outline_kept',
  'outside_rights',
] as const;
type Code = (typeof CODES)[number];

type T = Translate<keyof (typeof imports)['en']>;

export interface FoundRow {
  key: string;
  sign: string;
  title: string;
  detail: string;
  note: string;
  serious: boolean;
  shapes: OverlayShape[];
  /** Of a row that is left for a person. */
  left?: Question & { candidates: readonly ImportCandidate[] };
}

/** What the server says, in the language of the reader where it has words for it. */
export function said(english: string, chinese: string, lang: Lang): string {
  return lang === 'en' ? english : chinese || english;
}

const point = (at: readonly number[]) => ({ type: 'Point', coordinates: at });

export function problemRow(
  { severity, row, column, field, code, message, message_zh, value, place, candidates }: ImportProblem,
  n: number,
  t: T,
  lang: Lang,
  nameOf: (property: string) => string = (property) => property,
): FoundRow {
  return {
    key: `problem ${String(n)}`,
    sign: severity === 'error' ? '✕' : severity === 'left' ? '?' : '!',
    title: [row > 0 ? `#${String(row)}` : '', column || (field && nameOf(field))].filter(Boolean).join(' · '),
    detail: [CODES.includes(code as Code) ? t(`code_${code as Code}`) : '', value && `“${value}”`]
      .filter(Boolean)
      .join(' '),
    note: said(message, message_zh, lang),
    serious: severity === 'error',
    shapes: place ? [{ tone: 'fault', label: String(row), geometry: point(place) }] : [],
    ...(severity === 'left' ? { left: { row, field, candidates } } : {}),
  };
}

export function duplicateRow(one: ImportDuplicate, n: number, t: T): FoundRow {
  return {
    key: `duplicate ${String(n)}`,
    sign: '=',
    title: `#${String(one.row)} · ${one.name}`,
    detail: `${t('other')}: ${one.other_row > 0 ? `#${String(one.other_row)} · ` : ''}${one.other_name} ${one.other_code}`,
    note: `${t('distance')} ${t('meters', { n: Math.round(one.distance_m) })}`,
    serious: false,
    // They lie within a few metres and are called alike: one is a ring around the other, each with what tells it apart.
    shapes: [
      {
        tone: 'fault',
        ring: true,
        label: one.other_row > 0 ? `#${String(one.other_row)}` : one.other_code,
        geometry: point(one.other_place),
      },
      { tone: 'update', label: `#${String(one.row)}`, geometry: point(one.place) },
    ],
  };
}

export function faultRow(one: ImportFault, n: number, t: T, lang: Lang): FoundRow {
  const geometry = one.geometry as OverlayShape['geometry'] | null;
  return {
    key: `fault ${String(n)}`,
    sign: one.kind === 'repaired' ? '✓' : '✕',
    title: `${t('community')} ${one.community}`,
    detail: said(one.message, one.message_zh, lang),
    note: one.codes.join(' '), // the message tells the area
    serious: one.kind !== 'repaired',
    shapes: geometry ? [{ tone: 'fault', geometry }] : [],
  };
}

interface Shaped {
  geometry: OverlayShape['geometry'] | null;
}

/** Properties that no column is called by. */
const DRAWN = { location: 'propertyLocation', boundary: 'propertyBoundary' } as const;

/** What properties are called: as the columns that they are read from. */
export function propertyNames(fields: Import['fields'], t: T, lang: Lang): (property: string) => string {
  return (property) => {
    const field = fields.find(({ name }) => name === property);
    if (field) return lang === 'en' ? field.en : field.zh;
    return property in DRAWN ? t(DRAWN[property as keyof typeof DRAWN]) : property;
  };
}

export function changeRow(one: ImportChange, t: T, nameOf: (property: string) => string): FoundRow {
  const [before, after] = [one.before, one.after] as [Shaped | null, Shaped | null];
  const geometry = after?.geometry ?? before?.geometry;
  const word = { create: 'created', update: 'updated', delete: 'deleted' } as const;
  return {
    key: `${one.op} ${one.code}`,
    sign: { create: '+', update: '~', delete: '−' }[one.op],
    title: one.name || one.code,
    detail: `${t(word[one.op])} · ${one.code}`,
    note: one.changed.map(nameOf).join(t('comma')),
    serious: one.op === 'delete',
    shapes: geometry
      ? [{ tone: one.op, label: { create: '+', update: '~', delete: '−' }[one.op], geometry }]
      : [],
  };
}
