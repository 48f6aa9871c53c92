// Something asked for, with its states: loading, there, or failed. Components draw each of them.
import { isAbort } from '../api/http.ts';

export type ResourceState<T> =
  | { readonly status: 'idle' }
  | { readonly status: 'loading' }
  | { readonly status: 'ready'; readonly value: T }
  | { readonly status: 'failed'; readonly error: unknown };

/**
 * Holds the latest answer to the latest question. A new question cancels the one before, so that a slow old
 * answer never overwrites a quick new one.
 */
export class Resource<T> {
  state: ResourceState<T> = $state.raw({ status: 'idle' });
  /** True while a newer answer is on its way and the old one is still shown. */
  refreshing = $state(false);
  #ask: ((signal: AbortSignal) => Promise<T>) | undefined;
  #flight: AbortController | undefined;

  /** The value, while there is one. */
  get value(): T | undefined {
    return this.state.status === 'ready' ? this.state.value : undefined;
  }

  /** Asks something new: what was shown no longer fits. */
  load(ask: (signal: AbortSignal) => Promise<T>): Promise<void> {
    this.#ask = ask;
    this.state = { status: 'loading' };
    return this.#run();
  }

  /** Asks something new, and shows the old answer until the new one is there. */
  replace(ask: (signal: AbortSignal) => Promise<T>): Promise<void> {
    this.#ask = ask;
    if (this.state.status !== 'ready') this.state = { status: 'loading' };
    return this.#run();
  }

  /** Asks again, after a failure or a change. */
  refresh(): Promise<void> {
    if (!this.#ask) return Promise.resolve();
    return this.replace(this.#ask);
  }

  /** Forgets the question and its answer. */
  clear(): void {
    this.#flight?.abort();
    this.#flight = undefined;
    this.#ask = undefined;
    this.refreshing = false;
    this.state = { status: 'idle' };
  }

  async #run(): Promise<void> {
    this.#flight?.abort();
    const flight = new AbortController();
    this.#flight = flight;
    this.refreshing = true;
    try {
      const value = await this.#ask?.(flight.signal);
      if (this.#flight === flight) this.state = { status: 'ready', value: value as T };
    } catch (error) {
      if (this.#flight === flight && !isAbort(error)) this.state = { status: 'failed', error };
    } finally {
      if (this.#flight === flight) this.refreshing = false;
    }
  }
}
