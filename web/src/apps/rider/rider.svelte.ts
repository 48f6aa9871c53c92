// The state of the rider page: what is asked, where from, what the server gave, and the address of it all.
import { getContext, setContext } from 'svelte';
import { getCity, getUnit, listStations, listUnits } from '../../api/client.ts';
import type { LngLat } from '../../geo/distance.ts';
import type { NavApp } from '../../geo/navlinks.ts';
import type { City, Service, Unit } from '../../model/city.ts';
import {
  advise,
  rank,
  relax,
  select,
  toggleService,
  toPlaces,
  warmFilters,
  type Filters,
  type Place,
  type Wish,
} from '../../model/rider.ts';
import { writeAddress, type Screen } from '../../model/rider-address.ts';
import type { Preferences } from '../../ui/preferences.svelte.ts';
import { Resource } from '../../ui/resource.svelte.ts';
import { addressNow, present, queryOf } from './browser.ts';
import { locate, type LocateFailure } from './locate.ts';
import {
  recallNavApp,
  recallPlace,
  recallPosition,
  rememberNavApp,
  rememberPlace,
  rememberPosition,
  type Picked,
  type Position,
} from './memory.ts';

/** The stations as they were when the phone last got them. */
export interface Snapshot {
  readonly places: readonly Place[];
  readonly seq: number;
  readonly fetchedAt: Date;
}

/** What distances are measured from. */
export type Origin =
  | { readonly kind: 'position'; readonly at: LngLat; readonly position: Position }
  | { readonly kind: 'picked'; readonly at: LngLat; readonly picked: Picked }
  | { readonly kind: 'pointed'; readonly at: LngLat };

/** What the browser keeps with each entry of its history. */
interface Visit {
  from?: Screen['name'];
  scroll?: number;
}

const context = Symbol('rider');
const step = 20;
const tickMs = 20_000;
const staleMs = 10 * 60_000;

export class Rider {
  readonly preferences: Preferences;
  screen: Screen = $state.raw({ name: 'list' });
  filters: Filters = $state.raw({ openNow: true, services: [] });
  mapOpen = $state(false);
  now = $state.raw(present());

  picked: Picked | null = $state.raw(null);
  position: Position | null = $state.raw(null);
  /** A point of the map that was tapped. It is forgotten with the page, and stands in no address. */
  pointed: LngLat | null = $state.raw(null);
  /** The place of the address, until its name and point are known. */
  pending: string | null = $state(null);
  locating = $state(false);
  locateFailure: LocateFailure | null = $state(null);

  navApp: NavApp | null = $state(null);
  snapshot: Snapshot | null = $state.raw(null);
  readonly stations = new Resource<Snapshot>();
  readonly city = new Resource<City>();
  readonly townships = new Resource<readonly Unit[]>();
  /** How many cards are drawn; the rest come when asked for. */
  shown = $state(step);
  /** Said aloud by readers of the screen. */
  spoken = $state('');

  #beforeWarm: Filters | null = null;

  constructor(preferences: Preferences) {
    this.preferences = preferences;
    this.navApp = recallNavApp();
    this.position = recallPosition();
    this.picked = recallPlace();
    this.follow();
  }

  readonly origin: Origin | null = $derived.by(() => {
    if (this.pending !== null) return null;
    if (this.pointed) return { kind: 'pointed', at: this.pointed };
    if (this.position) return { kind: 'position', at: this.position.at, position: this.position };
    return this.picked ? { kind: 'picked', at: this.picked.at, picked: this.picked } : null;
  });

  readonly ranked = $derived(
    this.snapshot && this.origin ? rank(this.snapshot.places, this.origin.at, this.now) : [],
  );
  readonly found = $derived(select(this.ranked, this.filters));
  readonly advice = $derived(advise(this.ranked, this.filters));
  readonly warm = $derived(
    this.filters.openNow && this.filters.services.join() === warmFilters.services.join(),
  );
  readonly demo = $derived(
    this.city.value?.demo ?? this.snapshot?.places.some(({ synthetic }) => synthetic) ?? false,
  );

  /** The station of the screen, once the stations are there; null where there is none of that code. */
  readonly station = $derived.by(() => {
    const { screen } = this;
    if (screen.name !== 'station') return null;
    return this.snapshot?.places.find(({ code }) => code === screen.code) ?? null;
  });

  async load(): Promise<void> {
    await Promise.all([this.refreshStations(), this.city.load((signal) => getCity({ signal }))]);
  }

  /** Gets the stations anew; what was there before stays until then, and also if that fails. */
  async refreshStations(): Promise<void> {
    await this.stations.replace(async (signal) => {
      const { seq, items } = await listStations({}, { signal });
      return { places: toPlaces(items), seq, fetchedAt: present() };
    });
    if (this.stations.value) this.snapshot = this.stations.value;
    this.now = present();
  }

  loadTownships(): void {
    if (this.townships.state.status !== 'idle') return;
    void this.townships.load(async (signal) => (await listUnits({ level: 'township' }, { signal })).items);
  }

  /** Keeps the clock going, and the data fresh when the page comes back. Gives what stops it. */
  run(): () => void {
    const tick = () => {
      if (document.visibilityState === 'visible') this.now = present();
    };
    const wake = () => {
      tick();
      if (document.visibilityState === 'visible' && this.isStale) void this.refreshStations();
    };
    const timer = setInterval(tick, tickMs);
    document.addEventListener('visibilitychange', wake);
    window.addEventListener('online', wake);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', wake);
      window.removeEventListener('online', wake);
    };
  }

  get isStale(): boolean {
    return !this.snapshot || Date.now() - this.snapshot.fetchedAt.getTime() > staleMs;
  }

  setFilters(filters: Filters): void {
    this.filters = filters;
    this.shown = step; // a new question starts at its top
    this.#beforeWarm = null;
    this.#replaceAddress();
  }

  showMore(): void {
    this.shown += step;
  }

  /** How many more that shows. */
  get more(): number {
    return Math.min(step, this.found.length - this.shown);
  }

  toggleOpenNow(): void {
    this.setFilters({ ...this.filters, openNow: !this.filters.openNow });
  }

  toggle(service: Service): void {
    this.setFilters(toggleService(this.filters, service));
  }

  drop(wishes: readonly Wish[]): void {
    this.setFilters(relax(this.filters, wishes));
  }

  /** One tap in the cold: heated and open, by distance from here. A second tap takes it back. */
  async toggleWarm(): Promise<void> {
    if (this.warm) {
      this.setFilters(this.#beforeWarm ?? { openNow: true, services: [] });
      return;
    }
    const before = this.filters;
    this.setFilters(warmFilters);
    this.#beforeWarm = before;
    if (!this.origin && this.pending === null) await this.locate();
  }

  /** Asks the phone where it is. */
  async locate(): Promise<void> {
    if (this.locating) return;
    this.locating = true;
    this.locateFailure = null;
    const answer = await locate();
    this.locating = false;
    if (typeof answer === 'string') {
      this.locateFailure = answer;
      return;
    }
    this.position = answer;
    this.pointed = null;
    this.shown = step;
    this.pending = null;
    rememberPosition(answer);
    this.#replaceAddress();
  }

  pick(place: Picked): void {
    this.picked = place;
    this.shown = step;
    this.position = null;
    this.pointed = null;
    this.pending = null;
    this.locateFailure = null;
    rememberPlace(place);
    rememberPosition(null);
    this.#replaceAddress();
  }

  /** Lists what is near a point of the map. */
  point(at: LngLat): void {
    this.pointed = at;
    this.pending = null;
    this.shown = step;
  }

  setNavApp(app: NavApp | null): void {
    this.navApp = app;
    rememberNavApp(app);
  }

  setMap(open: boolean): void {
    this.mapOpen = open;
    this.#replaceAddress();
  }

  /** The address of a screen, with all else as it is. */
  addressOf(screen: Screen): string {
    const others = queryOf((query) => {
      this.preferences.writeTo(query);
    });
    const place = this.pending ?? (this.position ? null : (this.picked?.code ?? null));
    return writeAddress({ screen, filters: this.filters, place, map: this.mapOpen }, others);
  }

  /** Goes to a screen, as a link does. */
  open(screen: Screen): void {
    history.replaceState({ ...(history.state as Visit | null), scroll: scrollY } satisfies Visit, '');
    history.pushState({ from: this.screen.name } satisfies Visit, '', this.addressOf(screen));
    this.screen = screen;
  }

  /** How far down the list was when it was left. */
  get listScroll(): number {
    return (history.state as Visit | null)?.scroll ?? 0;
  }

  /** Back to the list: where the reader came from, if from there. */
  backToList(): void {
    if ((history.state as Visit | null)?.from === 'list') history.back();
    else this.open({ name: 'list' });
  }

  /** Shows what the address bar says. */
  follow(): void {
    const address = addressNow();
    this.screen = address.screen;
    this.filters = address.filters;
    this.mapOpen = address.map;
    if (address.place !== null && (this.position !== null || address.place !== this.picked?.code)) {
      void this.#resolve(address.place);
    }
  }

  /** Writes language and theme into the address too. */
  syncAddress(): void {
    this.#replaceAddress();
  }

  #replaceAddress(): void {
    const next = this.addressOf(this.screen);
    if (next !== location.pathname + location.search) history.replaceState(history.state, '', next);
  }

  // A link may name a place that this phone has never met.
  async #resolve(code: string): Promise<void> {
    this.pending = code;
    try {
      const { name, nameEn, seat } = await getUnit(code);
      if (this.pending !== code) return;
      this.pending = null;
      if (seat) this.pick({ code, name, nameEn, at: seat });
    } catch {
      // Then the reader picks one: the list says so where no place is known.
      if (this.pending === code) this.pending = null;
    }
  }
}

export function provideRider(rider: Rider): Rider {
  return setContext(context, rider);
}

export function useRider(): Rider {
  return getContext<Rider>(context);
}
