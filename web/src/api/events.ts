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
const reopenMs = 5_000;

/** Follows the changes until the returned function is called. */
export function followChanges(handlers: EventHandlers): () => void {
  let source: EventSource;
  let waiting: Change[] = [];
  let delivery: ReturnType<typeof setTimeout> | undefined;
  let reopening: ReturnType<typeof setTimeout> | undefined;

  const deliver = () => {
    delivery = undefined;
    const changes = waiting;
    waiting = [];
    handlers.onChanges(changes);
  };
  const open = () => {
    source = new EventSource('/api/events');
    source.addEventListener('open', () => handlers.onLive?.(true));
    source.addEventListener('error', () => {
      handlers.onLive?.(false);
      // A browser reconnects after a broken line, but gives up for good after a refusal such as 503.
      if (source.readyState === EventSource.CLOSED) reopening = setTimeout(open, reopenMs);
    });
    source.addEventListener('change', (event: MessageEvent<string>) => {
      const wire = JSON.parse(event.data) as WireChange;
      waiting.push({ ...wire, collection: wire.collection as CollectionName });
      delivery ??= setTimeout(deliver, gatherMs);
    });
  };
  open();

  return () => {
    clearTimeout(delivery);
    clearTimeout(reopening);
    source.close();
  };
}
