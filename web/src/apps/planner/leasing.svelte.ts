// Who edits the community that is looked at. A lease keeps nobody away: what is saved is held against versions. Who
// draws has it, gives a sign of life now and then, and hears when somebody else takes over.
import { endLease, getStanding, takeLease } from '../../api/reviews.ts';
import type { Lease } from '../../model/review.ts';

/** Half a minute is how long one may draw on without knowing that somebody took over. */
const heartbeatMs = 30_000;

export class Leasing {
  /** Undefined until it is known, and while it cannot be. */
  lease: Lease | null | undefined = $state.raw();
  /** Who took over while one was drawing; null for nobody. */
  takenBy: string | null = $state(null);
  readonly #community: string;
  readonly #me: string;
  /** One draws: the lease is to be held. */
  #holding = false;

  constructor(community: string, me: string) {
    this.#community = community;
    this.#me = me;
  }

  readonly mine = $derived.by(() => this.lease?.holder === this.#me);

  /** Looks now and then, until the function it gives is called. */
  follow(): () => void {
    const look = () => void this.look();
    look();
    const timer = setInterval(look, heartbeatMs);
    window.addEventListener('focus', look);
    return () => {
      clearInterval(timer);
      window.removeEventListener('focus', look);
    };
  }

  /** Looks who edits; while one does it oneself, gives the sign of life. */
  async look(): Promise<void> {
    const before = this.mine;
    this.lease = await getStanding(this.#community).then(
      ({ lease }) => lease,
      () => undefined,
    );
    if (!this.#holding || this.lease === undefined) return;
    if (before && this.lease && !this.mine) this.takenBy = this.lease.holder;
    else if (this.mine) await this.#take();
  }

  /** Begins to draw: takes the lease unless somebody else has it. */
  async hold({ over = false } = {}): Promise<void> {
    this.#holding = true;
    this.takenBy = null;
    if (this.lease === undefined) await this.look();
    if (over || this.lease === null || this.mine) await this.#take(over);
  }

  async #take(over = false): Promise<void> {
    try {
      this.lease = await takeLease(this.#community, over);
    } catch {
      // Somebody was faster, or there is no network: one draws all the same.
    }
  }

  /** Ends it, for who comes next. */
  async end(): Promise<void> {
    this.#holding = false;
    this.takenBy = null;
    if (!this.mine) return;
    await endLease(this.#community).catch(() => undefined); // it runs out by itself
    await this.look();
  }
}
