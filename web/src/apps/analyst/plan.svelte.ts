// The scenario that is worked on: its edits with undo, where it is kept, and what it changes.
import {
  askDifference,
  createScenario,
  deleteScenario,
  getScenario,
  listScenarios,
  rebaseScenario,
  replaceScenario,
} from '../../api/scenarios.ts';
import { getStation, isAbort, listStations } from '../../api/client.ts';
import type { LngLat } from '../../geo/distance.ts';
import type { Service, Station } from '../../model/city.ts';
import type { Question } from '../../model/question.ts';
import {
  addStation,
  closeStation,
  isNew,
  MOST_PACKED,
  MOST_UNSAVED_EDITS,
  moveStation,
  noStations,
  packEdits,
  servicesWith,
  touchedStations,
  unpackEdits,
  withStations,
  type Difference,
  type Edits,
  type NewStation,
  type SavedScenario,
  type ScenarioSummary,
  type TouchedStation,
} from '../../model/scenario.ts';
import { redo, startAt, stepTo, undo, type Steps } from '../../model/steps.ts';
import { Resource } from '../../ui/resource.svelte.ts';

/** What a question says of the scenario. */
export type PlanAddress = Pick<Question, 'scenario' | 'whatIf'>;

/** A station of the plan that the map shows a pin for. */
export interface PlacedStation {
  readonly code: string;
  readonly at: LngLat;
  readonly isNew: boolean;
}

export class PlanState {
  saved: SavedScenario | null = $state.raw(null);
  /** What the edits lie over; null is the city as it is. */
  seq: number | null = $state(null);
  steps: Steps<Edits> = $state.raw(startAt<Edits>([]));
  /** The station that is worked on. */
  chosen: string | null = $state(null);
  /** Whether the next click on the map adds a station. */
  adding = $state(false);
  /** Stations that there are, as far as they were met. */
  known: ReadonlyMap<string, Station> = $state.raw(noStations);
  /** What the last thing asked of the server came to. */
  busy = $state(false);
  failure: unknown = $state.raw(undefined);

  readonly list = new Resource<ScenarioSummary[]>();
  readonly difference = new Resource<Difference>();
  /** Stations to choose from by name. */
  readonly stations = new Resource<Station[]>();

  readonly edits = $derived(this.steps.now);
  readonly touched = $derived(touchedStations(this.edits));
  /** There is something that the server does not keep. */
  readonly unsaved = $derived(
    this.saved ? this.edits !== this.saved.edits || this.seq !== this.saved.seq : this.edits.length > 0,
  );
  readonly active = $derived(this.saved !== null || this.edits.length > 0);
  readonly placed = $derived(this.#placed());
  readonly changes = $derived(this.#changes());

  #changed: () => void;
  #flight: AbortController | undefined;

  /** @param changed is told when figures have to be asked for again. */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** What goes into the address, and into every question. */
  get address(): PlanAddress {
    const whatIf = this.unsaved ? packEdits({ seq: this.seq, edits: this.edits }) : null;
    return { scenario: this.saved?.id ?? null, whatIf };
  }

  /** Goes to what an address says. */
  async goTo({ scenario, whatIf }: PlanAddress): Promise<void> {
    this.#flight?.abort();
    const unsaved = unpackEdits(whatIf);
    this.chosen = null;
    if (scenario === null) this.saved = null;
    if (scenario !== null && scenario !== this.saved?.id) {
      const flight = new AbortController();
      this.#flight = flight;
      try {
        this.saved = await getScenario(scenario, { signal: flight.signal });
      } catch (error) {
        if (isAbort(error)) return;
        this.saved = null;
        this.failure = error;
      }
    }
    this.seq = unsaved ? unsaved.seq : (this.saved?.seq ?? null);
    const start = startAt<Edits>(this.saved?.edits ?? []);
    this.steps = unsaved ? stepTo(start, unsaved.edits) : start;
    void this.#meetTouched();
    this.#changed();
  }

  /** Makes a step that can be taken back. What cannot be carried is refused. */
  edit(edits: Edits): void {
    const carried =
      edits.length <= MOST_UNSAVED_EDITS && packEdits({ seq: this.seq, edits }).length <= MOST_PACKED;
    this.failure = carried ? undefined : new Error('too many edits');
    if (!carried) return;
    this.steps = stepTo(this.steps, edits);
    void this.#meetTouched();
    this.#changed();
  }

  add(station: Omit<NewStation, 'services'>, asked: readonly Service[]): void {
    const services = servicesWith(asked);
    this.adding = false;
    this.edit(addStation(this.edits, { ...station, services }));
    const last = this.edits.at(-1);
    this.chosen = last?.kind === 'add_station' ? last.station : null;
  }

  /** Adds many stations in one step, such as the places that a search found. */
  addAll(stations: readonly Omit<NewStation, 'services'>[], asked: readonly Service[]): void {
    const services = servicesWith(asked);
    this.edit(
      stations.reduce<Edits>((edits, station) => addStation(edits, { ...station, services }), this.edits),
    );
  }

  move(code: string, at: LngLat): void {
    this.edit(moveStation(this.edits, code, at));
  }

  close(code: string): void {
    this.edit(closeStation(this.edits, code));
    if (isNew(code)) this.chosen = null;
  }

  undo(): void {
    this.#walk(undo(this.steps));
  }

  redo(): void {
    this.#walk(redo(this.steps));
  }

  /** Works on a station that there is, or that the plan adds. */
  async choose(code: string | null): Promise<void> {
    this.chosen = code;
    if (code !== null && !isNew(code)) await this.#meet([code]);
  }

  /** Leaves the scenario: the city as it is. */
  leave(): void {
    void this.goTo({ scenario: null, whatIf: null });
  }

  open(id: string): Promise<void> {
    return this.goTo({ scenario: id, whatIf: null });
  }

  loadList(): void {
    void this.list.replace((signal) => listScenarios({ signal }));
  }

  loadStations(unit: string | null): void {
    void this.stations.replace(async (signal) => {
      const { items } = await listStations(unit === null ? {} : { unit }, { signal });
      return items.filter(({ status }) => status === 'active');
    });
  }

  loadDifference(question: Question, unit: string | null): void {
    if (this.edits.length === 0) this.difference.clear();
    else void this.difference.replace((signal) => askDifference(question, { unit }, { signal }));
  }

  /** Keeps the scenario: under its own id, or as a new one. */
  async save(name: string, as: 'same' | 'new'): Promise<void> {
    const scenario = { name, edits: this.edits, seq: this.seq };
    await this.#ask(() =>
      this.saved && as === 'same' ? replaceScenario(this.saved, scenario) : createScenario(scenario),
    );
  }

  /** Lays the scenario over the city as it is now. */
  async rebase(): Promise<void> {
    const { saved } = this;
    if (saved && !this.unsaved) await this.#ask(() => rebaseScenario(saved));
    else {
      this.seq = null;
      this.#changed();
    }
  }

  async remove(scenario: ScenarioSummary): Promise<void> {
    await this.#attempt(async () => {
      await deleteScenario(scenario);
      if (this.saved?.id === scenario.id) this.leave();
    });
    this.loadList();
  }

  async #ask(ask: () => Promise<SavedScenario>): Promise<void> {
    await this.#attempt(async () => {
      const saved = await ask();
      this.saved = saved;
      this.seq = saved.seq;
      this.steps = { ...this.steps, now: saved.edits };
      this.#changed();
    });
    this.loadList();
  }

  async #attempt(work: () => Promise<void>): Promise<void> {
    this.busy = true;
    this.failure = undefined;
    try {
      await work();
    } catch (error) {
      this.failure = error;
    } finally {
      this.busy = false;
    }
  }

  #walk(steps: Steps<Edits>): void {
    if (steps === this.steps) return;
    this.steps = steps;
    if (this.chosen !== null && isNew(this.chosen) && !this.touched.some(({ code }) => code === this.chosen))
      this.chosen = null;
    this.#changed();
  }

  #meetTouched(): Promise<void> {
    return this.#meet(this.touched.map(({ code }) => code).filter((code) => !isNew(code)));
  }

  // A station that is gone since is drawn nowhere; the server says what is wrong with it.
  async #meet(codes: readonly string[]): Promise<void> {
    const unmet = codes.filter((code) => !this.known.has(code));
    if (unmet.length === 0) return;
    const met = await Promise.all(unmet.map((code) => getStation(code).catch(() => null)));
    this.known = withStations(
      this.known,
      met.filter((station) => station !== null),
    );
  }

  #placed(): PlacedStation[] {
    const pins = this.touched.flatMap((station) => pinOf(station));
    const { chosen } = this;
    const touched = this.touched.find(({ code }) => code === chosen);
    const station = chosen === null ? undefined : this.known.get(chosen);
    if (station && !touched?.closed && !touched?.location)
      pins.push({ code: station.code, at: station.location, isNew: false });
    return pins;
  }

  #changes() {
    const closed: LngLat[] = [];
    const moves: (readonly [LngLat, LngLat])[] = [];
    for (const station of this.touched) {
      const from = this.known.get(station.code)?.location;
      if (!from) continue;
      if (station.closed) closed.push(from);
      else if (station.location) moves.push([from, station.location]);
    }
    return { closed, moves };
  }
}

function pinOf({ code, location, closed }: TouchedStation): PlacedStation[] {
  return location && !closed ? [{ code, at: location, isNew: isNew(code) }] : [];
}
