// Keeps the stations up to date while somebody looks at them: the server tells that something changed, and
// the page asks what.
import { followChanges } from '../../api/events.ts';
import type { Touched } from '../../map/touched.ts';
import type { Rider } from './rider.svelte.ts';

// The map comes later, if at all, and hears of it as an event: to know it would weigh on the first look.
const onTiles = (detail: Touched) => dispatchEvent(new CustomEvent('yizhan-tiles', { detail }));

/** Follows until the function it gives is called. A page that nobody sees costs no power. */
export function followStations(rider: Rider): () => void {
  let stop: (() => void) | null = null;
  const follow = () => {
    const seen = document.visibilityState === 'visible' && navigator.onLine;
    if (seen === (stop !== null)) return;
    stop?.();
    stop = seen ? followChanges({ onChanges: hear, onTiles }) : null;
  };
  const hear = (changes: readonly { collection: string }[]) => {
    if (changes.some(({ collection }) => collection === 'stations' || collection === 'units')) {
      void rider.refreshStations();
    }
  };
  const events = ['online', 'offline', 'visibilitychange'] as const;
  for (const event of events)
    (event === 'visibilitychange' ? document : window).addEventListener(event, follow);
  follow();
  return () => {
    for (const event of events)
      (event === 'visibilitychange' ? document : window).removeEventListener(event, follow);
    stop?.();
  };
}
