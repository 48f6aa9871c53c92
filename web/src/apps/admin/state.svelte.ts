import { getSession } from '../../api/accounts.ts';
import { getCity, listStations, listUnits } from '../../api/client.ts';
import type { Session } from '../../model/accounts.ts';
import { readAdminView, type AdminView, type ImportsView, type Section } from '../../model/admin.ts';
import type { Change, City, Station, Unit } from '../../model/city.ts';
import type { QueueView } from '../../model/report-queue.ts';
import type { StationsView } from '../../model/stations-table.ts';
import { findDuplicates } from '../../model/stations-table.ts';
import { localName, type Lang } from '../../ui/i18n.ts';
import { Resource } from '../../ui/resource.svelte.ts';

/** A change that just went in, and can be taken back. */
export interface Done {
  /** The changeset; null where it was taken back already. */
  changeset: number | null;
  count: number;
  text: string;
}

/** Everything that the administrator's page holds, and what can be done to it. */
export class AdminState {
  view: AdminView = $state.raw() as AdminView;
  /** Counts the steps that one may want to take back with the button Back. */
  steps = $state(0);

  readonly session = new Resource<Session>();
  readonly city = new Resource<City>();
  readonly register = new Resource<Unit[]>();
  readonly stations = new Resource<Station[]>();
  /** The last change that this page made. */
  done: Done | null = $state.raw(null);

  readonly duplicates = $derived(findDuplicates(this.stations.value ?? []));
  readonly units = $derived(byCode(this.register.value ?? []));

  constructor(query: URLSearchParams) {
    this.view = readAdminView(query);
  }

  start(): void {
    void this.session.load((signal) => getSession({ signal }));
    void this.city.load((signal) => getCity({ signal }));
    this.loadRegister();
    this.loadStations();
  }

  goTo(query: URLSearchParams): void {
    this.view = readAdminView(query);
  }

  show(section: Section): void {
    if (section === this.view.section) return;
    this.view = { ...this.view, section };
    this.steps += 1;
  }

  /** Changes the view of the stations. To open one is a step; to type a filter is not. */
  showStations(change: Partial<StationsView>): void {
    if ('station' in change && change.station !== this.view.stations.station) this.steps += 1;
    const page = 'page' in change || 'station' in change ? {} : { page: 0 };
    this.view = { ...this.view, stations: { ...this.view.stations, ...page, ...change } };
  }

  showReports(change: Partial<QueueView>): void {
    if ('report' in change && change.report !== this.view.reports.report) this.steps += 1;
    this.view = { ...this.view, reports: { ...this.view.reports, ...change } };
  }

  /** Opens an import, or another step of it: one may want to go back from both. */
  showImports(change: Partial<ImportsView>): void {
    this.view = { ...this.view, imports: { ...this.view.imports, ...change } };
    this.steps += 1;
  }

  showUsers(change: Partial<AdminView['users']>): void {
    if ('user' in change && change.user !== this.view.users.user) this.steps += 1;
    this.view = { ...this.view, users: { ...this.view.users, ...change } };
  }

  showAudit(change: Partial<AdminView['audit']>): void {
    this.view = { ...this.view, audit: { ...this.view.audit, ...change } };
  }

  loadRegister(): void {
    void this.register.load(async (signal) => {
      const levels = ['banner', 'township', 'community'] as const;
      const lists = await Promise.all(levels.map((level) => listUnits({ level }, { signal })));
      return lists.flatMap(({ items }) => items);
    });
  }

  loadStations(): void {
    void this.stations.load(async (signal) => (await listStations({}, { signal })).items);
  }

  /** Puts a station as it is now into the table, ahead of the feed. */
  replaceStations(changed: readonly Station[]): void {
    const now = byCode(changed);
    const before = this.stations.value;
    if (!before) return;
    this.stations.state = {
      status: 'ready',
      value: before.map((station) => now.get(station.code) ?? station),
    };
  }

  apply(changes: readonly Change[]): void {
    if (changes.some(({ collection }) => collection === 'stations')) void this.stations.refresh();
    if (changes.some(({ collection }) => collection === 'units')) void this.register.refresh();
  }

  /** The name of a unit with the banner that it is in. */
  placeOf(code: string, lang: Lang): string {
    const nameOf = (one: string) => {
      const unit = this.units.get(one);
      return unit ? localName(unit, lang) : undefined;
    };
    const city = this.city.value;
    if (city?.code === code) return localName(city, lang);
    const own = nameOf(code) ?? code;
    const banner = code.length > 6 ? nameOf(code.slice(0, 6)) : undefined;
    return banner === undefined ? own : `${banner} · ${own}`;
  }
}

function byCode<T extends { code: string }>(items: readonly T[]): ReadonlyMap<string, T> {
  return new Map(items.map((item) => [item.code, item]));
}
