// Taking files in, and taking features out.
import { ApiError, getJson, withQuery, type Query, type RequestOptions } from './http.ts';
import { getToken, send } from './send.ts';
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

/** Sends a file in parts, from where the server has it. */
export async function sendFile(file: File, sent: (bytes: number, id: string) => void, signal: AbortSignal) {
  let { value: report } = await send<Import>('/api/imports', {
    method: 'POST',
    body: { name: file.name.slice(-200), bytes: file.size },
    signal,
  });
  while (report.received < file.size) {
    sent(report.received, report.id);
    report = await sendPart(report, file, signal);
  }
  return report;
}

async function sendPart({ id, received }: Import, file: File, signal: AbortSignal): Promise<Import> {
  let response: Response;
  let answer: Import & { detail?: string };
  try {
    response = await fetch(withQuery(`${addressOf(id)}/file`, { offset: String(received) }), {
      method: 'PUT',
      headers: { 'Content-Type': 'application/octet-stream', 'X-CSRF-Token': getToken() },
      body: file.slice(received, received + partBytes),
      signal,
    });
    answer = (await response.json()) as typeof answer;
  } catch (error) {
    signal.throwIfAborted();
    throw new ApiError('offline', error instanceof Error ? error.message : String(error));
  }
  if (!response.ok) throw new ApiError('http', answer.detail ?? response.statusText, response.status, answer);
  return answer;
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
