// Waiting for a server that is still making ready: after a start, households take a while to be shared out to the
// finest cells.
import { ApiError, type RequestOptions } from './http.ts';

const againMs = 2_000;
const patienceMs = 60_000;

/** Goes on asking while the server says that it is not ready yet. */
export async function patiently<T>(ask: () => Promise<T>, { signal }: RequestOptions = {}): Promise<T> {
  const until = Date.now() + patienceMs;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      const notReady = error instanceof ApiError && error.code === 'unavailable';
      if (!notReady || Date.now() + againMs > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, againMs));
      signal?.throwIfAborted();
    }
  }
}
