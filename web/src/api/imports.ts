// Taking files in, and taking features out.
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { ApiError, getJson, withQuery, type Query, type RequestOptions } from './http.ts';
import { send } from './send.ts';
import type {
  WireImport,
  WireImportChange,
  WireImportDuplicate,
  WireImportFault,
  WireImportProblem,
  WireImportSample,
  WireJob,
} from './types.ts';

export type Import = WireImport;
export type ImportSettings = NonNullable<WireImport['settings']>;
export type ImportDatum = WireImport['datums'][number];
export type ImportProblem = WireImportProblem;
export type ImportCandidate = WireImportProblem['candidates'][number];
export type ImportSettlement = NonNullable<ImportSettings['settled']>[number];
export type ImportChange = WireImportChange;
export type ImportDuplicate = WireImportDuplicate;
export type ImportFault = WireImportFault;
export type ImportSample = WireImportSample;
export type Job = WireJob;

/** A page of what was found, with where the next one begins. */
export interface FoundPage<T> {
  items: T[];
  next: number | null;
}

const partBytes = 1 << 20;

export async function listImports(options?: RequestOptions): Promise<Import[]> {
  return (await getJson<{ imports: Import[] }>('/api/imports', options)).imports;
}

export function getImport(id: string, options?: RequestOptions): Promise<Import> {
  return getJson<Import>(addressOf(id), options);
}

/** Announces a file. */
export async function beginImport(file: File, signal: AbortSignal): Promise<Import> {
  const body = { name: nameOf(file), bytes: file.size };
  return (await send<Import>('/api/imports', { method: 'POST', body, signal })).value;
}

/**
 * Sends what the server does not have of a file, in parts. If the connection is lost, it waits until the server
 * answers, which then says where to go on. It tells where it stands, and whether it waits.
 */
export async function sendFile(
  begun: Import,
  file: File,
  tell: (report: Import, waiting: boolean) => void,
  signal: AbortSignal,
): Promise<Import> {
  let report = begun;
  for (let faults = 0; report.state === 'uploading';) {
    try {
      if (faults > 0) report = await getImport(report.id, { signal });
      signal.throwIfAborted();
      tell(report, false);
      if (report.state === 'uploading') report = await sendPart(report, file, signal);
      faults = 0;
    } catch (error) {
      signal.throwIfAborted();
      if (!passes(error)) throw error;
      faults += 1;
      tell(report, true);
      await backOnline(Math.min(firstPauseMs * 2 ** (faults - 1), longestPauseMs), signal);
    }
  }
  signal.throwIfAborted();
  return report;
}

const partTimeoutMs = 120_000; // a part at 9 kB/s
const firstPauseMs = 1_000;
const longestPauseMs = 15_000;

async function sendPart({ id, received }: Import, file: File, signal: AbortSignal): Promise<Import> {
  // Read first: a file that cannot be read any more is no fault of the network.
  const part = await file.slice(received, received + partBytes).arrayBuffer();
  const { value } = await send<Import>(withQuery(`${addressOf(id)}/file`, { offset: String(received) }), {
    method: 'PUT',
    contentType: 'application/octet-stream',
    body: new Blob([part]),
    signal,
    timeoutMs: partTimeoutMs,
  });
  return value;
}

/** Whether it may go on after a fault: the network's, the server's, or a part that is there, as only its answer was lost. */
function passes(error: unknown): boolean {
  return error instanceof ApiError && (error.retryable || error.status === 409);
}

/** Waits for a while, or until the browser says that it is online again. */
function backOnline(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (then: () => void) => () => {
      clearTimeout(timer);
      window.removeEventListener('online', go);
      signal.removeEventListener('abort', stop);
      then();
    };
    const go = done(resolve);
    const stop = done(() => {
      reject(new DOMException('The operation was aborted.', 'AbortError'));
    });
    const timer = setTimeout(go, ms);
    window.addEventListener('online', go);
    signal.addEventListener('abort', stop);
  });
}

/** Whether a file is the one that an import was begun with: its name, its size, and what is there of it. */
export async function isBegunWith(file: File, begun: Import, signal: AbortSignal): Promise<boolean> {
  if (nameOf(file) !== begun.name || file.size !== begun.bytes) return false;
  const digest = sha256.create();
  for (let at = 0; at < begun.received; at += partBytes) {
    const part = file.slice(at, Math.min(at + partBytes, begun.received));
    digest.update(new Uint8Array(await part.arrayBuffer()));
    signal.throwIfAborted();
  }
  return bytesToHex(digest.digest()) === begun.received_sha256;
}

function nameOf(file: File): string {
  return file.name.slice(-200);
}

export async function forgetImport(id: string): Promise<void> {
  await send(addressOf(id), { method: 'DELETE' });
}

export async function setImport(id: string, settings: ImportSettings): Promise<Import> {
  return (await send<Import>(`${addressOf(id)}/settings`, { method: 'PUT', body: settings })).value;
}

/** Begins a step that takes a while; the report names its job. */
export async function startStep(id: string, step: 'check' | 'revert'): Promise<Import> {
  return (await send<Import>(`${addressOf(id)}/${step}`, { method: 'POST' })).value;
}

/** Begins the commit. The reason may be empty. */
export async function commitImport(id: string, reason: string): Promise<Import> {
  return (await send<Import>(`${addressOf(id)}/commit`, { method: 'POST', body: { reason } })).value;
}

export type TemplateOf = ImportSettings['collection'];

/** The address of a list to fill in. */
export function templateAddress(collection: TemplateOf, lang: string): string {
  return withQuery(`/api/imports/templates/${collection}`, {
    format: 'xlsx',
    lang: lang === 'en' ? 'en' : 'zh',
  });
}

export function getSample(id: string, { datum, swapped }: ImportDatum, options?: RequestOptions) {
  return getJson<ImportSample>(
    withQuery(`${addressOf(id)}/sample`, { datum, swapped, limit: '300' }),
    options,
  );
}

export function getJob(address: string, options?: RequestOptions): Promise<Job> {
  return getJson<Job>(address, options);
}

export async function cancelJob(address: string): Promise<void> {
  await send(address, { method: 'DELETE' });
}

const kinds = {
  problems: 'problems',
  duplicates: 'duplicates',
  topology: 'faults',
  diff: 'changes',
} as const;

interface Found {
  problems: ImportProblem;
  duplicates: ImportDuplicate;
  topology: ImportFault;
  diff: ImportChange;
}
export type FoundKind = keyof Found;

export async function getFound<K extends FoundKind>(
  id: string,
  kind: K,
  query: Query,
  options?: RequestOptions,
): Promise<FoundPage<Found[K]>> {
  const page = await getJson<Record<string, unknown>>(withQuery(`${addressOf(id)}/${kind}`, query), options);
  return { items: page[kinds[kind]] as Found[K][], next: page.next as number | null };
}

function addressOf(id: string): string {
  return `/api/imports/${encodeURIComponent(id)}`;
}
