// The work on a community: opened, kept as a draft, saved, and brought onto what others save meanwhile.
import { brokenPlaces, readCommunity, savePlan, type Community } from '../../api/plans.ts';
import { ApiError, isAbort } from '../../api/http.ts';
import { baseAfter, baseOf, type GridEdit } from '../../model/plan/changes.ts';
import { draftOf, planOfDraft, type Draft } from '../../model/plan/draft.ts';
import { openPlan, type GridFeature, type OpenFault, type Plan } from '../../model/plan/plan.ts';
import { decide, rebase, type Side, type ThreeWay } from '../../model/plan/rebase.ts';
import { dropDraft, findDraft, keepDraft } from './drafts.ts';
import { Editor } from './editor.svelte.ts';

export type WorkState =
  | { readonly status: 'closed' }
  | { readonly status: 'opening' }
  | { readonly status: 'elsewhere' } // another tab draws here
  | { readonly status: 'unfit'; readonly fault: OpenFault }
  | { readonly status: 'failed'; readonly error: unknown }
  | { readonly status: 'open' };

export type SaveState =
  | { readonly status: 'idle' }
  | { readonly status: 'saving' }
  | { readonly status: 'saved'; readonly count: number; readonly milliseconds: number }
  | { readonly status: 'offline' }
  | { readonly status: 'signed_out' }
  | { readonly status: 'refused'; readonly error: unknown };

/** A draft is kept this long after the last change, so that a drag does not write at every step. */
const restMs = 300;

export class Work {
  readonly community: string;
  readonly account: string;
  state: WorkState = $state.raw({ status: 'closed' });
  save: SaveState = $state.raw({ status: 'idle' });
  editor: Editor | undefined = $state.raw();
  /** What stands against what; null where nothing does. */
  conflict: ThreeWay | null = $state.raw(null);
  /** Where the server found a rule broken. */
  readonly broken = $derived(this.save.status === 'refused' ? brokenPlaces(this.save.error) : []);
  /** Others have saved here, and that is in the plan now. */
  caughtUp = $state(false);
  /** When the work that was found on the device was kept; null where none was. */
  restoredAt: number | null = $state(null);
  /** The device does not keep drafts. */
  unkept = $state(false);
  #seq = 0;
  #base: readonly GridFeature[] = [];
  #start: Plan | undefined;
  #release: (() => void) | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #flight = new AbortController();

  constructor(community: string, account: string) {
    this.community = community;
    this.account = account;
  }

  /** Opens the community, with work that was left here. One tab draws in a community at a time. */
  async open(selected: string | null, { steal = false } = {}): Promise<void> {
    this.state = { status: 'opening' };
    if (!(await this.#lock(steal))) {
      this.state = { status: 'elsewhere' };
      return;
    }
    try {
      const [community, draft] = await Promise.all([this.#read(), this.#findDraft()]);
      const plan = this.#begin(community);
      if ('fault' in plan) {
        this.state = { status: 'unfit', fault: plan };
        return;
      }
      this.editor = new Editor({ base: community.grids, plan, selected, restored: null });
      if (draft) this.#restore(draft, plan, selected, community);
      this.state = { status: 'open' };
    } catch (error) {
      if (!isAbort(error)) this.state = { status: 'failed', error };
    }
  }

  close(): void {
    clearTimeout(this.#timer);
    if (this.editor && this.editor.edits.length > 0 && this.state.status === 'open') void this.#keep();
    this.#flight.abort();
    this.#release?.();
    this.#release = undefined;
    this.state = { status: 'closed' };
  }

  get #saving(): boolean {
    return this.save.status === 'saving';
  }

  #read(): Promise<Community> {
    return readCommunity(this.community, { signal: this.#flight.signal });
  }

  async #findDraft(): Promise<Draft | undefined> {
    try {
      const draft = await findDraft(this.community);
      return draft?.account === this.account ? draft : undefined;
    } catch {
      this.unkept = true;
      return undefined;
    }
  }

  #begin({ seq, grids, outline }: Community): Plan | OpenFault {
    const plan = openPlan(this.community, grids, outline, this.#start?.frame);
    if ('fault' in plan) return plan;
    this.#seq = seq;
    this.#base = grids;
    this.#start = plan;
    return plan;
  }

  #restore(draft: Draft, now: Plan, selected: string | null, { grids }: Community): void {
    const kept = planOfDraft(draft);
    const then = openPlan(this.community, draft.base, null, draft.frame);
    if (!kept || 'fault' in then || JSON.stringify(draft.frame) !== JSON.stringify(now.frame)) return;
    this.restoredAt = draft.savedAt;
    this.#settle(rebase(then, kept, now), grids, now, selected);
  }

  /** Puts what came of bringing work onto the server's state into the editor, or asks about it. */
  #settle(threeWay: ThreeWay, grids: readonly GridFeature[], now: Plan, selected: string | null): void {
    this.conflict = threeWay.knots.length > 0 ? threeWay : null;
    const restored = threeWay.merged;
    this.editor = new Editor({ base: grids, plan: now, selected, restored });
    if (this.editor.edits.length === 0 && !this.conflict) this.editor.restart(grids, now);
  }

  /** Decides what stands where both have changed the same. */
  resolve(sides: readonly Side[]): void {
    if (!this.conflict || !this.editor || !this.#start) return;
    const outcome = decide(this.conflict, sides);
    if (!outcome.ok) {
      this.save = { status: 'refused', error: outcome };
      return;
    }
    const { selected } = this.editor;
    this.conflict = null;
    this.editor = new Editor({ base: this.#base, plan: this.#start, selected, restored: outcome.plan });
    this.save = { status: 'idle' };
    void this.#keep();
  }

  /** Keeps the work on the device soon. Called after each change. */
  changed(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#keep(), restMs);
  }

  async #keep(): Promise<void> {
    const { editor } = this;
    if (!editor || this.conflict) return;
    try {
      if (editor.edits.length === 0) await dropDraft(this.community);
      else {
        const { plan, history } = editor;
        const steps = history.done.length;
        await keepDraft(
          draftOf({ account: this.account, savedAt: Date.now(), base: this.#base, plan, steps }),
        );
      }
      this.unkept = false;
    } catch {
      this.unkept = true;
    }
  }

  /** Throws the work away. */
  async discard(): Promise<void> {
    clearTimeout(this.#timer);
    if (!this.editor || !this.#start) return;
    this.conflict = null;
    this.restoredAt = null;
    this.save = { status: 'idle' };
    this.editor.restart(this.#base, this.#start);
    await dropDraft(this.community).catch(() => (this.unkept = true));
  }

  /** Saves as one changeset on the versions that the work began with. */
  async saveNow(reason = ''): Promise<void> {
    const { editor } = this;
    if (!editor || this.conflict || this.save.status === 'saving' || editor.edits.length === 0) return;
    const [sent, edits, began] = [editor.plan, editor.edits, performance.now()];
    this.save = { status: 'saving' };
    try {
      const { lastSeq } = await savePlan(edits, reason, this.#flight.signal);
      const milliseconds = performance.now() - began;
      this.#saved(sent, edits, lastSeq ?? this.#seq);
      this.save = { status: 'saved', count: edits.length, milliseconds };
      await this.#keep();
      await this.catchUp().catch(() => undefined); // the next change tries again
    } catch (error) {
      await this.#notSaved(error);
    }
  }

  // What was saved is the new start, and what was done can still be undone. It is read again in passing: somebody
  // else may have saved elsewhere in the community at the same time.
  #saved(sent: Plan, edits: readonly GridEdit[], seq: number): void {
    this.restoredAt = null;
    this.#base = baseAfter(this.#base, edits);
    this.#start = sent;
    this.#seq = seq;
    if (this.editor) this.editor.base = baseOf(this.#base);
  }

  async #notSaved(error: unknown): Promise<void> {
    if (isAbort(error)) return;
    await this.#keep();
    if (!(error instanceof ApiError)) this.save = { status: 'refused', error };
    else if (error.kind === 'offline' || error.kind === 'timeout') this.save = { status: 'offline' };
    else if (error.status === 401) this.save = { status: 'signed_out' };
    else if (error.status === 409 || error.status === 412) {
      this.save = { status: 'idle' };
      this.caughtUp = false;
      await this.catchUp().catch(() => undefined);
      if (!this.conflict && !this.caughtUp) this.save = { status: 'refused', error };
    } else this.save = { status: 'refused', error };
  }

  /** Brings in what others have saved, with the work on top of it. */
  async catchUp(): Promise<void> {
    const { editor } = this;
    const before = this.#start;
    if (!editor || !before || this.#saving || this.conflict) return;
    const [was, worked] = [this.#seq, editor.edits.length > 0];
    const community = await this.#read();
    if (this.#saving || this.#start !== before) return; // saving reads again when it is done
    if (community.seq < was || sameGrids(community.grids, this.#base)) {
      this.#seq = Math.max(this.#seq, community.seq);
      return;
    }
    const mine = editor.plan;
    editor.cancel();
    const now = this.#begin(community);
    if ('fault' in now) {
      this.state = { status: 'unfit', fault: now };
      return;
    }
    this.caughtUp = true;
    if (worked) this.#settle(rebase(before, mine, now), community.grids, now, editor.selected);
    else editor.restart(community.grids, now);
  }

  // Two tabs that draw in one community would overwrite each other's draft.
  async #lock(steal: boolean): Promise<boolean> {
    if (this.#release || !('locks' in navigator)) return true; // an insecure origin has no locks
    return new Promise((resolve) => {
      const hold = (lock: Lock | null) => {
        if (!lock) {
          resolve(false);
          return undefined;
        }
        resolve(true);
        return new Promise<void>((release) => (this.#release = release));
      };
      const name = `yizhan-plan-${this.community}`;
      navigator.locks.request(name, steal ? { steal } : { ifAvailable: true }, hold).catch(() => {
        // Another tab took over; it found the draft that was kept here.
        this.#release = undefined;
        clearTimeout(this.#timer);
        this.state = { status: 'elsewhere' };
      });
    });
  }
}

function sameGrids(some: readonly GridFeature[], others: readonly GridFeature[]): boolean {
  const versions = (grids: readonly GridFeature[]) =>
    grids.map(({ code, version }) => `${code} ${String(version)}`).join();
  return versions(some) === versions(others);
}
