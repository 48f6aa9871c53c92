// Changes: requests that the server takes only from the page of the session, which it tells by a token that
// other sites cannot read.
import { ApiError } from './http.ts';
import type { WireProblem, WireSession } from './types.ts';

/** Why a change was refused, with what the server says about what to do next. */
export class RefusedError extends ApiError {
  /** Seconds to wait before the next attempt; 0 where it does not say. */
  readonly retryAfterSeconds: number;
  /** The places of boundaries at which a rule is broken. */
  readonly where: WireProblem['where'];

  constructor(response: Response, problem: WireProblem) {
    super('http', problem.detail ?? problem.title ?? response.statusText, response.status, problem);
    this.where = problem.where;
    this.retryAfterSeconds = Number(response.headers.get('Retry-After') ?? 0) || 0;
  }
}

export interface Change {
  method: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** JSON, but for a file, which goes as it is. */
  body?: unknown;
  contentType?: string;
  /** The ETag that the change is based on. */
  ifMatch?: string;
  signal?: AbortSignal | undefined;
  /** How long an answer may take, for what is large. */
  timeoutMs?: number;
}

/** The answer to a change, with the ETag of what it made. */
export interface Answer<T> {
  value: T;
  etag: string;
  headers: Headers;
}

const usualTimeoutMs = 30_000;

// The token of the session, kept until the server says that it is another's: sessions change when somebody
// signs in, here or on another page.
let token: string | undefined;

/** Keeps the token of a session that was just read. */
export function keepToken({ csrf }: { csrf?: string | undefined }): void {
  token = csrf ?? '';
}

/** Makes a change. Nothing is tried twice but after a token that is out of date. */
export async function send<T>(address: string, change: Change): Promise<Answer<T>> {
  if (token === undefined) await renewToken(change.signal);
  try {
    return await attempt<T>(address, change);
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 'cross_site') throw error;
    await renewToken(change.signal);
    return attempt<T>(address, change);
  }
}

async function renewToken(signal?: AbortSignal): Promise<void> {
  const { value } = await fetchJson<WireSession>('/api/auth/me', {}, signal);
  keepToken(value);
}

function attempt<T>(
  address: string,
  { method, body, contentType = 'application/json', ifMatch, signal, timeoutMs }: Change,
): Promise<Answer<T>> {
  const headers: Record<string, string> = {};
  if (token) headers['X-CSRF-Token'] = token;
  if (body !== undefined) headers['Content-Type'] = contentType;
  if (ifMatch !== undefined) headers['If-Match'] = ifMatch;
  const init: RequestInit = { method, headers };
  if (body !== undefined) init.body = body instanceof Blob ? body : JSON.stringify(body);
  return fetchJson<T>(address, init, signal, timeoutMs);
}

/** Fetches JSON, or nothing where there is none, with its ETag. */
export async function fetchJson<T>(
  address: string,
  init: RequestInit = {},
  signal?: AbortSignal,
  timeoutMs = usualTimeoutMs,
): Promise<Answer<T>> {
  const limit = AbortSignal.timeout(timeoutMs);
  const headers = {
    Accept: 'application/json, application/geo+json, application/problem+json',
    ...init.headers,
  };
  try {
    const response = await fetch(address, {
      ...init,
      headers,
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
    });
    const text = await response.text();
    if (!response.ok) throw new RefusedError(response, problemOf(text));
    const etag = response.headers.get('ETag') ?? '';
    return { value: valueOf<T>(text, response.status), etag, headers: response.headers };
  } catch (error) {
    if (error instanceof ApiError) throw error;
    signal?.throwIfAborted();
    if (limit.aborted) throw new ApiError('timeout', `no answer within ${String(timeoutMs)} ms`);
    throw new ApiError('offline', error instanceof Error ? error.message : String(error));
  }
}

function valueOf<T>(text: string, status: number): T {
  try {
    return (text === '' ? undefined : JSON.parse(text)) as T;
  } catch (error) {
    throw new ApiError('broken', error instanceof Error ? error.message : String(error), status);
  }
}

function problemOf(text: string): WireProblem {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === 'object' && body !== null ? body : {};
  } catch {
    return {}; // a proxy answered in its own words
  }
}
