// The event stream: what changed, as it changes.
import type { Change, CollectionName } from '../model/city.ts';
import type { WireChange } from './types.ts';

export interface EventHandlers {
  /** Changes that arrived within a short time of each other, oldest first. */
  onChanges(changes: Change[]): void;
  /** False while the stream is down; the browser reconnects by itself and resumes where it was. */
  onLive?(live: boolean): void;
}

const gatherMs = 400;

/** Follows the changes until the returned function is called. */
export function followChanges(handlers: EventHandlers): () => void {
  const source = new EventSource('/api/events');
  let waiting: Change[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;

  const deliver = () => {
    timer = undefined;
    const changes = waiting;
    waiting = [];
    handlers.onChanges(changes);
  };
  source.addEventListener('open', () => handlers.onLive?.(true));
  source.addEventListener('error', () => handlers.onLive?.(false));
  source.addEventListener('change', (event: MessageEvent<string>) => {
    const wire = JSON.parse(event.data) as WireChange;
    waiting.push({ ...wire, collection: wire.collection as CollectionName });
    timer ??= setTimeout(deliver, gatherMs);
  });

  return () => {
    clearTimeout(timer);
    source.close();
  };
}
