// What riders report, without an account: not even the cookie of one goes along.
import type { NewReport, RiderReport } from '../model/report.ts';
import { ApiError } from './http.ts';
import { RefusedError } from './send.ts';
import type { WireNewReport, WireProblem, WireRiderReport, WireRiderReports } from './types.ts';

/** Sends a report. With the same key it is taken in once, however often it is sent. */
export async function sendReport(key: string, seenAt: Date, report: NewReport): Promise<RiderReport> {
  const { location, services, ...rest } = report;
  const body: WireNewReport = { key, ...rest, seen_at: seenAt.toISOString() };
  if (location) body.location = [...location];
  if (services) body.services = [...services];
  return reportOf(await post<WireRiderReport>('/api/reports', body));
}

/** What became of reports; null for a code that there is none of. */
export async function askReports(codes: readonly string[]): Promise<(RiderReport | null)[]> {
  const { reports } = await post<WireRiderReports>('/api/reports/status', { codes });
  return reports.map((report) => report && reportOf(report));
}

/** Whether sending again cannot help: the server has understood, and does not take it. */
export function isFinal(error: unknown): boolean {
  return error instanceof ApiError && [400, 404, 409, 413].includes(error.status);
}

const timeoutMs = 60_000; // with a photo, on a poor network

async function post<T>(address: string, body: unknown): Promise<T> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(address, {
      method: 'POST',
      credentials: 'omit',
      headers: { 'Content-Type': 'application/json', Accept: 'application/json, application/problem+json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(timeoutMs),
    });
    text = await response.text();
  } catch (error) {
    throw new ApiError('offline', error instanceof Error ? error.message : String(error));
  }
  const value = parse(text);
  if (!response.ok) throw new RefusedError(response, (value ?? {}) as WireProblem);
  if (value === null) throw new ApiError('broken', 'the answer is no JSON', response.status);
  return value as T;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null; // a proxy answered in its own words
  }
}

function reportOf(wire: WireRiderReport): RiderReport {
  return {
    code: wire.code,
    stage: wire.stage,
    merged: wire.merged,
    answer: wire.answer,
    movedAt: new Date(wire.moved_at),
    dueAt: wire.due_at ? new Date(wire.due_at) : null,
    result: wire.result,
    renewed: wire.renewed,
  };
}
