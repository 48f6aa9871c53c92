// What this phone reported: what waits is sent as soon as there is a network, and what was sent is asked about.
import { askReports, isFinal, sendReport } from '../../api/reports.ts';
import { makeKey, OPEN_STAGES, type NewReport } from '../../model/report.ts';
import { forgetReport, keepReport, keptReports, type Outgoing } from './outbox.ts';

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
    await this.#read();
    void this.flush();
    return one.key;
  }

  /** Sends what waits, oldest first. Only one page at a time does; if two did, nothing would be taken in twice. */
  async flush(): Promise<void> {
    clearTimeout(this.#retry);
    const run = () => this.#sendWaiting();
    await ('locks' in navigator ? navigator.locks.request('yizhan-reports', run) : run());
    await this.#read();
  }

  async #sendWaiting(): Promise<void> {
    const waiting = (await keptReports()).filter(({ state }) => state === 'waiting').reverse();
    for (const one of waiting) {
      try {
        const told = await sendReport(one.key, new Date(one.at), one.report);
        await keepReport({ ...one, state: 'sent', told, report: bare(one.report) });
      } catch (error) {
        if (!isFinal(error)) {
          this.#retry = setTimeout(() => void this.flush(), retryMs);
          return;
        }
        await keepReport({ ...one, state: 'refused', why: error instanceof Error ? error.message : '' });
      }
      await this.#read();
    }
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

/** What is kept of a report that was sent: enough to say what it was. */
function bare({ kind, topic, station }: NewReport): NewReport {
  return { kind, ...(topic && { topic }), ...(station && { station }) };
}

export const reports = new Reports();
