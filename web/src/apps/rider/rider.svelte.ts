// The state of the rider page: what is asked, where from, what the server gave, and the address of it all.
import { getContext, setContext } from 'svelte';
import type { LngLat } from '../../geo/distance.ts';
import type { NavApp } from '../../geo/navlinks.ts';
import type { City, Service } from '../../model/city.ts';
import type { NamedPlace } from '../../model/pack.ts';
import {
  advise,
  rank,
  relax,
  select,
  toggleService,
  warmFirst,
  isWarm,
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
  recallSwitch,
  rememberNavApp,
  rememberPlace,
  rememberPosition,
  rememberSwitch,
  type Picked,
  type Position,
} from './memory.ts';
import { freshPack, type Held } from './pack-store.ts';

/** The stations as they were when the server was last heard. */
export interface Snapshot {
  readonly places: readonly Place[];
  readonly seq: number;
  readonly asOf: Date;
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
  /** Warm places first, and one large button to the nearest. Switched by hand: a phone in a pocket is warm. */
  cold = $state(false);
  /** Everything drawn larger. */
  large = $state(false);
  held: Held | null = $state.raw(null);
  /** The way of the stations to here: what is held stays when it fails. */
  readonly stations = new Resource<Held>();
  /** What only the map and the settings show; they ask for it. */
  readonly city = new Resource<City>();
  /** How many cards are drawn; the rest come when asked for. */
  shown = $state(step);
  /** Said aloud by readers of the screen. */
  spoken = $state('');

  constructor(preferences: Preferences) {
    this.preferences = preferences;
    this.navApp = recallNavApp();
    this.position = recallPosition();
    this.picked = recallPlace();
    this.large = recallSwitch('large');
    this.follow();
    this.cold ||= recallSwitch('cold');
  }

  readonly origin: Origin | null = $derived.by(() => {
    if (this.pending !== null) return null;
    if (this.pointed) return { kind: 'pointed', at: this.pointed };
    if (this.position) return { kind: 'position', at: this.position.at, position: this.position };
    return this.picked ? { kind: 'picked', at: this.picked.at, picked: this.picked } : null;
  });

  readonly snapshot: Snapshot | null = $derived(
    this.held && { places: this.held.pack.stations, seq: this.held.pack.seq, asOf: this.held.asOf },
  );
  readonly ranked = $derived(
    this.snapshot && this.origin ? rank(this.snapshot.places, this.origin.at, this.now) : [],
  );
  readonly selected = $derived(select(this.ranked, this.filters));
  readonly found = $derived(this.cold ? warmFirst(this.selected) : this.selected);
  /** What can be picked: banners and townships. */
  get places(): readonly NamedPlace[] {
    return this.held?.pack.places ?? [];
  }

  /** Where one can warm up now, whatever else is asked for. */
  readonly nearestWarm = $derived(this.ranked.find(isWarm) ?? null);
  readonly advice = $derived(advise(this.ranked, this.filters));
  readonly demo = $derived(this.held?.pack.city.demo ?? false);
  readonly cityName = $derived(this.held?.pack.city.name ?? '呼伦贝尔市');

  /** The station of the screen, once the stations are there; null where there is none of that code. */
  readonly station = $derived.by(() => {
    const { screen } = this;
    if (screen.name !== 'station') return null;
    return this.snapshot?.places.find(({ code }) => code === screen.code) ?? null;
  });

  /** Shows what the phone kept, at once, and then what the server has. */
  async load(kept: Promise<Held | null>): Promise<void> {
    this.#hold(await kept);
    await this.refreshStations();
  }

  /** Gets what changed; what was there before stays until then, and also if that fails. */
  async refreshStations(): Promise<void> {
    await this.stations.replace((signal) => freshPack(this.held, signal));
    this.#hold(this.stations.value ?? null);
    this.now = present();
  }

  #hold(held: Held | null): void {
    if (!held) return;
    this.held = held;
    if (this.pending !== null) this.#resolve(this.pending);
  }

  /** Keeps the clock going, and the data fresh while the page is looked at. Gives what stops it. */
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
    return !this.held || Date.now() - this.held.asOf.getTime() > staleMs;
  }

  setFilters(filters: Filters): void {
    this.filters = filters;
    this.shown = step; // a new question starts at its top
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

  /** In the cold: warm places first. */
  setCold(cold: boolean): void {
    this.cold = cold;
    this.shown = step;
    rememberSwitch('cold', cold);
    this.#replaceAddress();
  }

  /** One tap in the cold: warm places first, from here. */
  async findWarm(): Promise<void> {
    this.setCold(true);
    if (!this.origin && this.pending === null) await this.locate();
  }

  setLarge(large: boolean): void {
    this.large = large;
    rememberSwitch('large', large);
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
    const { filters, mapOpen: map, cold } = this;
    return writeAddress({ screen, filters, place, map, cold }, others);
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
    this.cold = address.cold;
    if (address.place !== null && (this.position !== null || address.place !== this.picked?.code)) {
      this.#resolve(address.place);
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

  // A link may name a place that this phone has never met. One that is nowhere is forgotten: the reader picks.
  #resolve(code: string): void {
    this.pending = code;
    if (!this.held) return; // until the stations are there, and the places with them
    this.pending = null;
    const place = this.places.find((each) => each.code === code);
    if (place) this.pick(place);
  }
}

export function provideRider(rider: Rider): Rider {
  return setContext(context, rider);
}

export function useRider(): Rider {
  return getContext<Rider>(context);
}
