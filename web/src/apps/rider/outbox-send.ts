// Sends the reports that wait: from the page or, when that is closed, from the service worker.
import { isFinal, sendReport } from '../../api/reports.ts';
import type { NewReport } from '../../model/report.ts';
import { keepReport, keptReports } from './outbox.ts';

/** What the browser calls the sending of reports by, when there is a network again. */
export const syncTag = 'yizhan-reports';

/**
 * Sends what waits, oldest first, and tells when one is done. It throws where the server cannot be reached: the rest
 * waits on. Only one page or worker at a time sends; if two did, nothing would be taken in twice.
 */
export async function sendWaiting(tell: () => Promise<void> = () => Promise.resolve()): Promise<void> {
  const send = () => sendAll(tell);
  await ('locks' in navigator ? navigator.locks.request(syncTag, send) : send());
}

async function sendAll(tell: () => Promise<void>): Promise<void> {
  const waiting = (await keptReports()).filter(({ state }) => state === 'waiting').reverse();
  for (const one of waiting) {
    try {
      const told = await sendReport(one.key, new Date(one.at), one.report);
      await keepReport({ ...one, state: 'sent', told, report: bare(one.report) });
    } catch (error) {
      if (!isFinal(error)) throw error;
      await keepReport({ ...one, state: 'refused', why: error instanceof Error ? error.message : '' });
    }
    await tell();
  }
}

/** What is kept of a report that was sent: enough to say what it was. */
function bare({ kind, topic, station }: NewReport): NewReport {
  return { kind, ...(topic && { topic }), ...(station && { station }) };
}
