// What this phone reported: what waits is sent as soon as there is a network, and what was sent is asked about.
import { askReports } from '../../api/reports.ts';
import { makeKey, OPEN_STAGES, type NewReport } from '../../model/report.ts';
import { forgetReport, keepReport, keptReports, type Outgoing } from './outbox.ts';
import { sendWaiting, syncTag } from './outbox-send.ts';

const retryMs = 60_000;
const mostAsked = 50;

class Reports {
  /** Newest first. */
  items: readonly Outgoing[] = $state.raw([]);
  /** Whether what waits is kept when the page is closed. */
  lasting = $state(true);
  asking = $state(false);
  /** Why the last asking failed. */
  failed: unknown = $state.raw();
  readonly waiting = $derived(this.items.filter(({ state }) => state === 'waiting').length);

  #retry: ReturnType<typeof setTimeout> | undefined;
  #started = false;

  /** Reads what is kept, sends what waits, and goes on doing so whenever the network comes back. */
  async start(): Promise<void> {
    if (this.#started) return;
    this.#started = true;
    const wake = () => {
      if (document.visibilityState === 'visible') void this.flush();
    };
    window.addEventListener('online', wake);
    document.addEventListener('visibilitychange', wake);
    await this.#read();
    await this.flush();
  }

  /** Takes a report; it is on its way, or waits for a network. */
  async send(report: NewReport, about: string): Promise<string> {
    const one: Outgoing = { key: makeKey(), at: Date.now(), state: 'waiting', about, report, told: null };
    this.lasting = await keepReport(one);
    if (this.lasting) void sendWhenClosed();
    await this.#read();
    void this.flush();
    return one.key;
  }

  /** Sends what waits, and tries again later where that fails. */
  async flush(): Promise<void> {
    clearTimeout(this.#retry);
    try {
      await sendWaiting(() => this.#read());
    } catch {
      this.#retry = setTimeout(() => void this.flush(), retryMs);
    }
    await this.#read();
  }

  /** Asks what became of those that are open. */
  async ask(): Promise<void> {
    const open = this.items
      .filter(({ told }) => told && OPEN_STAGES.includes(told.stage))
      .slice(0, mostAsked);
    if (open.length === 0 || this.asking) return;
    this.asking = true;
    this.failed = undefined;
    try {
      const told = await askReports(open.map(({ told }) => told?.code ?? ''));
      for (const [at, one] of open.entries()) {
        const now = told[at];
        if (now) await keepReport({ ...one, told: now });
      }
      await this.#read();
    } catch (error) {
      this.failed = error;
    } finally {
      this.asking = false;
    }
  }

  async forget(key: string): Promise<void> {
    await forgetReport(key);
    await this.#read();
  }

  async #read(): Promise<void> {
    this.items = await keptReports();
  }
}

/** Of browsers that can send when the page is closed. */
interface Syncing {
  readonly sync?: { register(tag: string): Promise<void> };
}

/** Has the browser wake the service worker once there is a network; where it cannot, the page sends when opened. */
async function sendWhenClosed(): Promise<void> {
  if (!('serviceWorker' in navigator)) return;
  try {
    const { sync } = (await navigator.serviceWorker.ready) as Syncing;
    await sync?.register(syncTag);
  } catch {
    // the rider forbade it
  }
}

export const reports = new Reports();
