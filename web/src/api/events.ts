// The event stream: what changed, as it changes, and which tiles are others for it.
import { addTouched, type Touched } from '../map/touched.ts';
import type { Change, CollectionName } from '../model/city.ts';
import type { WireChange, WireTiles } from './types.ts';

export interface EventHandlers {
  /** Changes that arrived within a short time of each other, oldest first. */
  onChanges(changes: Change[]): void;
  /** The tiles that these changes, and others nobody may see, touched. */
  onTiles?(touched: Touched): void;
  /** False while the stream is down; the browser reconnects by itself and resumes where it was. */
  onLive?(live: boolean): void;
}

const gatherMs = 400;
const reopenMs = 5_000;

/** Follows the changes until the returned function is called. */
export function followChanges(handlers: EventHandlers): () => void {
  let source: EventSource;
  let last = '';
  let changes: Change[] = [];
  let touched: Touched = new Map();
  let delivery: ReturnType<typeof setTimeout> | undefined;
  let reopening: ReturnType<typeof setTimeout> | undefined;

  const deliver = () => {
    delivery = undefined;
    const [heard, tiles] = [changes, touched];
    changes = [];
    touched = new Map();
    if (heard.length > 0) handlers.onChanges(heard);
    if (tiles.size > 0) handlers.onTiles?.(tiles);
  };
  const gather = () => (delivery ??= setTimeout(deliver, gatherMs));
  const open = () => {
    // A browser resumes by itself; a stream that is opened anew must be told from where.
    source = new EventSource(last === '' ? '/api/events' : `/api/events?after=${last}`);
    source.addEventListener('open', () => handlers.onLive?.(true));
    source.addEventListener('error', () => {
      handlers.onLive?.(false);
      // A browser reconnects after a broken line, but gives up for good after a refusal such as 503.
      if (source.readyState === EventSource.CLOSED) reopening = setTimeout(open, reopenMs);
    });
    source.addEventListener('change', (event: MessageEvent<string>) => {
      const wire = JSON.parse(event.data) as WireChange;
      last = event.lastEventId;
      changes.push({ ...wire, collection: wire.collection as CollectionName });
      gather();
    });
    source.addEventListener('tiles', (event: MessageEvent<string>) => {
      const wire = JSON.parse(event.data) as WireTiles;
      last = event.lastEventId;
      touched = addTouched(touched, wire.layers);
      gather();
    });
  };
  open();

  return () => {
    clearTimeout(delivery);
    clearTimeout(reopening);
    source.close();
  };
}
