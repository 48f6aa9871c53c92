// What the administrator's page shows, as its address says it.
import type { AuditEntry } from './accounts.ts';
import { readQueueView, writeQueueView, type QueueView } from './report-queue.ts';
import { readStationsView, writeStationsView, type StationsView } from './stations-table.ts';

export const SECTIONS = ['stations', 'reports', 'import', 'export', 'users', 'account', 'audit'] as const;
export type Section = (typeof SECTIONS)[number];

export interface UsersView {
  words: string;
  /** The account that is open; empty for none. */
  user: string;
}

export interface AuditView {
  actor: string;
  /** What the act begins with, such as "auth." */
  act: string;
  words: string;
}

export interface ImportsView {
  /** The import that is open; empty for none. */
  id: string;
  step: string;
}

export interface AdminView {
  section: Section;
  imports: ImportsView;
  stations: StationsView;
  reports: QueueView;
  users: UsersView;
  audit: AuditView;
}

export function readAdminView(query: URLSearchParams): AdminView {
  const section = SECTIONS.find((one) => one === query.get('view')) ?? 'stations';
  // A name that two sections use is of the one that is shown.
  const of = (one: Section) => (section === one ? query : new URLSearchParams());
  return {
    section,
    stations: readStationsView(of('stations')),
    reports: readQueueView(of('reports')),
    imports: { id: of('import').get('import') ?? '', step: of('import').get('step') ?? 'read' },
    users: { words: of('users').get('q') ?? '', user: of('users').get('user') ?? '' },
    audit: {
      actor: of('audit').get('actor') ?? '',
      act: of('audit').get('act') ?? '',
      words: of('audit').get('q') ?? '',
    },
  };
}

export function writeAdminView(
  { section, stations, reports, imports, users, audit }: AdminView,
  query: URLSearchParams,
): void {
  const set = (name: string, value: string) => {
    if (value) query.set(name, value);
  };
  if (section !== 'stations') query.set('view', section);
  switch (section) {
    case 'stations':
      writeStationsView(stations, query);
      break;
    case 'reports':
      writeQueueView(reports, query);
      break;
    case 'import':
      set('import', imports.id);
      if (imports.id) set('step', imports.step);
      break;
    case 'users':
      set('q', users.words);
      set('user', users.user);
      break;
    case 'audit':
      set('actor', audit.actor);
      set('act', audit.act);
      set('q', audit.words);
      break;
    case 'export':
    case 'account':
  }
}

/** The lines of the trail that the filters leave. */
export function filterAudit(entries: readonly AuditEntry[], { actor, act, words }: AuditView): AuditEntry[] {
  const wanted = words.trim().toLowerCase();
  const name = actor.trim().toLowerCase();
  return entries.filter(
    (entry) =>
      (name === '' || entry.actor.toLowerCase().includes(name)) &&
      (act === '' || entry.act.startsWith(act)) &&
      (wanted === '' ||
        [entry.subject, entry.address, entry.act, ...Object.values(entry.detail)].some((text) =>
          text.toLowerCase().includes(wanted),
        )),
  );
}
