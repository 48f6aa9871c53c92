import {
  beginImport,
  cancelJob,
  commitImport,
  forgetImport,
  getImport,
  getJob,
  getSample,
  isBegunWith,
  listImports,
  sendFile,
  setImport,
  startStep,
  type Import,
  type ImportDatum,
  type ImportSettings,
  type ImportSettlement,
  type Job,
} from '../../../api/imports.ts';
import { isAbort } from '../../../api/http.ts';
import type { OverlayShape, Tone } from '../../../map/rooms/overlay.ts';
import { may, type Act, type Session } from '../../../model/accounts.ts';
import { Resource } from '../../../ui/resource.svelte.ts';
import { settled } from './settle.ts';

export const STEPS = ['read', 'datum', 'columns', 'found'] as const;
export type Step = (typeof STEPS)[number];

const pollMs = 700;
const candidateTones: readonly Tone[] = ['a', 'b', 'c', 'd'];

const acts: Readonly<Record<ImportSettings['collection'], Act | undefined>> = {
  stations: 'stations.edit',
  micro_grids: 'micro_grids.edit',
  friendly_scenes: 'friendly_scenes.edit',
  units: 'units.edit',
  candidates: undefined, // change nothing
};

/** Whether somebody may change features of a collection anywhere; in which units, the server says at the commit. */
export function mayChange(session: Session | undefined, collection: ImportSettings['collection']): boolean {
  const act = acts[collection];
  return act === undefined || may(session, act);
}

/** The imports of whoever is signed in, and the one that is open. */
export class ImportDesk {
  readonly list = new Resource<Import[]>();
  readonly open = new Resource<Import>();
  /** Whether the file that is open is compared with the one begun, is being sent, or waits for the network to be sent on. */
  sending = $state<'' | 'compares' | 'sends' | 'waits'>('');
  /** The file chosen to go on with is another than the one begun. */
  anotherFile = $state(false);
  /** Of the job that runs for the open import. */
  job = $state.raw<Job | null>(null);
  /** What went wrong with the last thing that was done. */
  failure = $state.raw<unknown>(undefined);
  /** What is laid over the map. */
  overlay = $state.raw<readonly OverlayShape[]>([]);
  #samples: Record<string, OverlayShape[]> = {};
  #flight: AbortController | undefined;
  #poll: ReturnType<typeof setTimeout> | undefined;
  #lost = false; // the last look failed, and the failure says so

  readonly report = $derived(this.open.value);
  // A file that is here and was not read is read soon: by a new server, once it knows the city.
  readonly busy = $derived(
    this.report !== undefined &&
      ((this.report.state.endsWith('ing') && this.report.state !== 'uploading') ||
        (this.report.state === 'uploaded' && this.report.error === null)),
  );

  loadList(): void {
    void this.list.replace((signal) => listImports({ signal }));
  }

  /** Opens an import by its id, which stands in the address. */
  async show(id: string): Promise<void> {
    this.close();
    await this.open.load((signal) => getImport(id, { signal }));
    this.#watch();
  }

  close(): void {
    clearTimeout(this.#poll);
    this.#flight?.abort();
    this.#samples = {};
    this.open.clear();
    this.sending = '';
    this.anotherFile = false;
    this.job = null;
    this.failure = undefined;
    this.overlay = [];
  }

  /** Announces a file, opens its import, and sends it; what is wrong with the latter is said there. */
  async begin(file: File): Promise<string | null> {
    this.close();
    const flight = this.#fly();
    try {
      const begun = await beginImport(file, flight.signal);
      this.open.state = { status: 'ready', value: begun };
      void this.#send(begun, file, flight);
      return begun.id;
    } catch (error) {
      if (!isAbort(error)) this.failure = error;
      return null;
    }
  }

  /** Goes on with a file whose upload was broken off, if it is the one that was begun. */
  async resume(file: File): Promise<void> {
    const id = this.report?.id;
    if (!id) return;
    const flight = this.#fly();
    this.sending = 'compares';
    try {
      const begun = await getImport(id, { signal: flight.signal });
      if (await isBegunWith(file, begun, flight.signal)) await this.#send(begun, file, flight);
      else this.anotherFile = true;
    } catch (error) {
      if (!isAbort(error)) this.failure = error;
    } finally {
      if (this.#flight === flight) this.sending = '';
    }
  }

  #fly(): AbortController {
    this.#flight?.abort();
    this.#flight = new AbortController();
    this.failure = undefined;
    this.anotherFile = false;
    return this.#flight;
  }

  async #send(begun: Import, file: File, { signal }: AbortController): Promise<void> {
    const tell = (report: Import, waiting: boolean) => {
      this.open.state = { status: 'ready', value: report };
      this.sending = waiting ? 'waits' : 'sends';
    };
    try {
      tell(await sendFile(begun, file, tell, signal), false);
      this.#watch();
    } catch (error) {
      if (!isAbort(error)) this.failure = error;
    } finally {
      if (this.#flight?.signal === signal) this.sending = '';
    }
  }

  /** Breaks the upload off. What was sent stays on the server, to go on with. */
  stopSending(): void {
    this.#flight?.abort();
  }

  change(settings: ImportSettings): Promise<boolean> {
    this.#samples = {};
    return this.#do((id) => setImport(id, settings));
  }

  /** Adds what a person decided about rows, and checks again. */
  settle(decisions: Readonly<Record<string, string>>): Promise<boolean> {
    return this.#checkWith(settled(this.report?.settings?.settled ?? [], decisions));
  }

  /** Forgets all that a person decided about rows, and checks again. */
  unsettle(): Promise<boolean> {
    return this.#checkWith([]);
  }

  async #checkWith(decided: ImportSettlement[]): Promise<boolean> {
    const settings = this.report?.settings;
    if (!settings) return false;
    return (await this.change({ ...settings, settled: decided })) && (await this.start('check'));
  }

  start(step: 'check' | 'revert'): Promise<boolean> {
    return this.#do((id) => startStep(id, step));
  }

  commit(reason: string): Promise<boolean> {
    return this.#do((id) => commitImport(id, reason.trim()));
  }

  async stop(): Promise<void> {
    const job = this.report?.job;
    if (job) await cancelJob(job).catch((error: unknown) => (this.failure = error));
    this.#watch(0);
  }

  async forget(): Promise<boolean> {
    const id = this.report?.id;
    if (!id) return false;
    this.stopSending();
    try {
      await forgetImport(id);
      return true;
    } catch (error) {
      this.failure = error;
      return false;
    }
  }

  async #do(act: (id: string) => Promise<Import>): Promise<boolean> {
    const id = this.report?.id;
    if (!id) return false;
    this.failure = undefined;
    try {
      this.open.state = { status: 'ready', value: await act(id) };
      this.#watch();
      return true;
    } catch (error) {
      this.failure = error;
      return false;
    }
  }

  // Asks again until what is being done has ended.
  #watch(delay = pollMs): void {
    clearTimeout(this.#poll);
    if (!this.busy && delay > 0) return;
    this.#poll = setTimeout(() => void this.#look(), delay);
  }

  async #look(): Promise<void> {
    const before = this.report;
    if (!before) return;
    try {
      if (before.job) this.job = await getJob(before.job);
      const now = await getImport(before.id);
      if (this.report?.id !== now.id) return;
      this.open.state = { status: 'ready', value: now };
      if (this.#lost) this.failure = undefined;
      this.#lost = false;
      if (!this.busy) this.job = null;
    } catch (error) {
      if (this.report?.id !== before.id) return;
      this.failure = error;
      this.#lost = true;
      this.#poll = setTimeout(() => void this.#look(), 5 * pollMs);
      return;
    }
    this.#watch();
  }

  /** Until what is being done has ended. */
  async settled(): Promise<void> {
    while (this.busy) await new Promise((resolve) => setTimeout(resolve, pollMs / 2));
  }

  /** Draws the records in every datum that they may be in, all at once, the chosen one in front. */
  async drawCandidates(chosen: number): Promise<void> {
    const { report } = this;
    if (!report) return;
    const candidates: OverlayShape[][] = [];
    for (const [i, datum] of report.datums.slice(0, candidateTones.length).entries()) {
      candidates.push(await this.#candidate(report.id, datum, i));
    }
    if (this.report?.id === report.id) this.overlay = together(candidates, chosen);
  }

  async #candidate(id: string, datum: ImportDatum, i: number): Promise<OverlayShape[]> {
    const key = `${id} ${datum.datum} ${String(datum.swapped)}`;
    const held = this.#samples[key];
    if (held) return held;
    const { features } = await getSample(id, datum);
    const shapes = features.flatMap(({ geometry }) =>
      geometry === null
        ? []
        : [
            {
              tone: candidateTones[i] ?? 'a',
              label: letterOf(i),
              geometry: geometry as OverlayShape['geometry'],
            },
          ],
    );
    this.#samples[key] = shapes;
    return shapes;
  }
}

/** Candidates as they are drawn, the chosen one last: those that lie on each other once, with the letters of all. */
export function together(candidates: readonly OverlayShape[][], chosen: number): OverlayShape[] {
  const groups: number[][] = [];
  candidates.forEach((shapes, i) => {
    const same = groups.find(([first = 0]) => coincide(candidates[first] ?? [], shapes));
    if (same) same.push(i);
    else groups.push([i]);
  });
  return groups
    .toSorted((a, b) => Number(a.includes(chosen)) - Number(b.includes(chosen)))
    .flatMap((group) => {
      const front = group.includes(chosen) ? chosen : (group[0] ?? 0);
      const label = group.map(letterOf).join(' ');
      return (candidates[front] ?? []).map((shape) => ({ ...shape, label }));
    });
}

const sameDegrees = 1e-5; // a metre: no map tells less

function coincide(a: readonly OverlayShape[], b: readonly OverlayShape[]): boolean {
  const close = (one: unknown, other: unknown): boolean =>
    Array.isArray(one) && Array.isArray(other)
      ? one.length === other.length && one.every((part, i) => close(part, other[i]))
      : Math.abs(Number(one) - Number(other)) < sameDegrees;
  return (
    a.length === b.length &&
    a.every(({ geometry }, i) => close(geometry.coordinates, b[i]?.geometry.coordinates))
  );
}

export function letterOf(i: number): string {
  return String.fromCharCode(65 + i);
}

/** The tone of a candidate. */
export function toneOf(i: number): Tone {
  return candidateTones[i] ?? 'd';
}

export type Box = readonly [number, number, number, number];

/** Those of the shapes that touch a box; all of them, if none does. One that lies on another continent hides the rest. */
export function near(shapes: readonly OverlayShape[], city: Box | undefined): readonly OverlayShape[] {
  if (!city) return shapes;
  const touching = shapes.filter((shape) => {
    const box = boxOf([shape]);
    return box && box[0] <= city[2] && box[2] >= city[0] && box[1] <= city[3] && box[3] >= city[1];
  });
  return touching.length > 0 ? touching : shapes;
}

/** The box around shapes; null for none. */
export function boxOf(shapes: readonly OverlayShape[]): Box | null {
  const box: [number, number, number, number] = [Infinity, Infinity, -Infinity, -Infinity];
  const walk = (part: unknown) => {
    if (!Array.isArray(part)) return;
    const [x, y] = part as unknown[];
    if (typeof x === 'number' && typeof y === 'number') {
      box[0] = Math.min(box[0], x);
      box[1] = Math.min(box[1], y);
      box[2] = Math.max(box[2], x);
      box[3] = Math.max(box[3], y);
    } else part.forEach(walk);
  };
  for (const { geometry } of shapes) walk(geometry.coordinates);
  return Number.isFinite(box[0]) ? box : null;
}
