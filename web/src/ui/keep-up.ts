// What keeps a page in step with the world: Back and Forward, and the changes that others make.
import { followChanges, type EventHandlers } from '../api/events.ts';

interface Page {
  start(): void;
  goTo(query: URLSearchParams): void;
  apply: EventHandlers['onChanges'];
}

/** Starts a page and keeps it up to date until the function it gives is called. */
export function keepUp(page: Page, handlers: Omit<EventHandlers, 'onChanges'>): () => void {
  page.start();
  const back = () => {
    page.goTo(new URLSearchParams(location.search));
  };
  window.addEventListener('popstate', back);
  const stop = followChanges({
    ...handlers,
    onChanges(changes) {
      page.apply(changes);
    },
  });
  return () => {
    window.removeEventListener('popstate', back);
    stop();
  };
}
