// Fetching JSON with errors that a page can explain.
import type { WireProblem } from './types.ts';

export type FailureKind = 'offline' | 'timeout' | 'http' | 'broken';

/** Why an answer did not arrive. An abort by the caller is not a failure: it stays an AbortError. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly kind: FailureKind;
  /** 0 where no answer came. */
  readonly status: number;
  /** The stable word of the problem, such as "invalid". */
  readonly code: string;
  /** Which fields the server refuses, and why. */
  readonly fields: readonly { location: string; message: string }[];

  constructor(kind: FailureKind, message: string, status = 0, problem: WireProblem = {}) {
    super(message);
    this.kind = kind;
    this.status = status;
    this.code = problem.code ?? '';
    this.fields = (problem.errors ?? []).map(({ location = '', message = '' }) => ({ location, message }));
  }

  /** Whether asking again may help. */
  get retryable(): boolean {
    return this.kind !== 'http' || this.status >= 500 || this.status === 429;
  }
}

export interface RequestOptions {
  signal?: AbortSignal | undefined;
  timeoutMs?: number;
}

/** Parameters of an address; undefined, null and empty ones are left out, arrays repeat. */
export type Query = Readonly<
  Record<string, string | number | boolean | readonly string[] | null | undefined>
>;

const defaultTimeoutMs = 15_000;
const retryAfterMs = 400;

/** Gets JSON. A network fault or a 502, 503 or 504 is tried once more. */
export async function getJson<T>(address: string, options?: RequestOptions): Promise<T> {
  return get(address, parse<T>, options);
}

/** Gets an answer as `read` makes of it; errors and repeats are those of getJson. */
export async function get<T>(
  address: string,
  read: (response: Response) => Promise<T>,
  options: RequestOptions = {},
): Promise<T> {
  try {
    return await attempt(address, read, options);
  } catch (error) {
    if (!worthRepeating(error)) throw error;
    await pause(retryAfterMs, options.signal);
    return attempt(address, read, options);
  }
}

/** An address with its query. */
export function withQuery(path: string, query: Query): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === null || value === '') continue;
    if (typeof value === 'object') value.forEach((item) => search.append(name, item));
    else search.set(name, String(value));
  }
  const text = search.toString();
  return text ? `${path}?${text}` : path;
}

/** Whether the caller itself gave up. */
export function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

async function attempt<T>(
  address: string,
  read: (response: Response) => Promise<T>,
  { signal, timeoutMs = defaultTimeoutMs }: RequestOptions,
): Promise<T> {
  const limit = AbortSignal.timeout(timeoutMs);
  const either = new AbortController();
  const stop = () => {
    either.abort();
  };
  signal?.addEventListener('abort', stop);
  limit.addEventListener('abort', stop);
  try {
    signal?.throwIfAborted();
    const response = await fetch(address, { signal: either.signal, headers: { Accept: accepted } });
    if (!response.ok) throw await problemOf(response);
    return await read(response);
  } catch (error) {
    if (error instanceof ApiError) throw error;
    signal?.throwIfAborted();
    if (limit.aborted) throw new ApiError('timeout', `no answer within ${String(timeoutMs)} ms`);
    throw new ApiError('offline', messageOf(error));
  } finally {
    signal?.removeEventListener('abort', stop);
    limit.removeEventListener('abort', stop);
  }
}

const accepted = 'application/json, application/geo+json, application/problem+json';

async function parse<T>(response: Response): Promise<T> {
  const body = await response.text();
  try {
    return JSON.parse(body) as T;
  } catch (error) {
    throw new ApiError('broken', messageOf(error), response.status);
  }
}

async function problemOf(response: Response): Promise<ApiError> {
  const problem = await response.json().then(asProblem, () => ({}) as WireProblem);
  const message = problem.detail ?? problem.title ?? response.statusText;
  return new ApiError('http', message, response.status, problem);
}

function asProblem(body: unknown): WireProblem {
  return typeof body === 'object' && body !== null ? body : {};
}

function worthRepeating(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false;
  return error.kind === 'offline' || [502, 503, 504].includes(error.status);
}

function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal?.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        reject(new DOMException('The operation was aborted.', 'AbortError'));
      },
      { once: true },
    );
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
