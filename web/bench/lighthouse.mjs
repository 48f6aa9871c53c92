// Lighthouse's judgement of the rider's page on its usual phone. It audits the page as it stands: nothing is
// sent anywhere.
import { chromium } from '@playwright/test';
import lighthouse from 'lighthouse';
import { launchOptions } from './browser.mjs';

const port = 19_222;

export async function audit(server) {
  const browser = await chromium.launch({
    ...launchOptions,
    args: [...launchOptions.args, `--remote-debugging-port=${port}`],
  });
  try {
    const { lhr, artifacts } = await lighthouse(`${server}/?place=150702&open=any`, {
      port,
      logLevel: 'error',
      onlyCategories: ['performance', 'accessibility', 'best-practices'],
      formFactor: 'mobile',
      screenEmulation: { mobile: true, width: 360, height: 800, deviceScaleFactor: 2 },
    });
    return {
      performance: hundred(lhr.categories.performance),
      accessibility: hundred(lhr.categories.accessibility),
      bestPractices: hundred(lhr.categories['best-practices']),
      benchmarkIndex: lhr.environment.benchmarkIndex,
      metrics: {
        ...Object.fromEntries(
          ['first-contentful-paint', 'largest-contentful-paint', 'total-blocking-time', 'speed-index'].map(
            (id) => [id, lhr.audits[id].numericValue],
          ),
        ),
        'total-blocking-time, of work alone': workOf(artifacts.Trace),
      },
      faults: faultsOf(lhr),
    };
  } finally {
    await browser.close();
  }
}

const hundred = ({ score }) => Math.round((score ?? 0) * 100);

/**
 * The total blocking time by the clock of the thread: a task that waits for the processor, or for a graphics process
 * in software, does no work meanwhile, but Lighthouse multiplies that wait by four too.
 */
function workOf({ traceEvents }) {
  const mains = new Set(
    traceEvents
      .filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain')
      .map(({ pid, tid }) => `${pid}:${tid}`),
  );
  return traceEvents
    .filter(({ ph, name, pid, tid }) => ph === 'X' && name === 'RunTask' && mains.has(`${pid}:${tid}`))
    .reduce((sum, { tdur = 0 }) => sum + Math.max(0, (4 * tdur) / 1000 - 50), 0);
}

/** What costs points, in Lighthouse's words. */
function faultsOf(lhr) {
  return ['accessibility', 'best-practices'].flatMap((category) =>
    lhr.categories[category].auditRefs
      .filter(({ id, weight }) => weight > 0 && lhr.audits[id].score !== null && lhr.audits[id].score < 1)
      .map(({ id }) => `${category}: ${lhr.audits[id].title}`),
  );
}
