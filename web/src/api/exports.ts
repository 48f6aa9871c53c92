// Files of features to take away.
import { get, withQuery, type Query } from './http.ts';

/** A file that was made. */
export interface TakenFile {
  name: string;
  /** Null where the server did not know yet when it began to send. */
  rows: number | null;
  content: Blob;
}

const makingMs = 300_000;

/** Has a file made, and fetches it. */
export function takeAway(collection: string, query: Query, signal: AbortSignal): Promise<TakenFile> {
  return get(
    withQuery(`/api/exports/${collection}`, query),
    async (response) => ({
      name: nameOf(response.headers.get('Content-Disposition') ?? ''),
      rows: response.headers.has('X-Yizhan-Rows') ? Number(response.headers.get('X-Yizhan-Rows')) : null,
      content: await response.blob(),
    }),
    { signal, timeoutMs: makingMs },
  );
}

function nameOf(disposition: string): string {
  const encoded = /filename\*=UTF-8''([^;]+)/.exec(disposition)?.[1];
  return encoded ? decodeURIComponent(encoded) : 'yizhan';
}
