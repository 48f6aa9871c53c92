// The service worker that keeps the page at hand without a network (src/sw), and the news that there is a
// newer one. A page that is open goes on as it is until the rider takes the new one.

class Offline {
  /** A newer version of the page that waits to be taken. */
  waiting: ServiceWorker | null = $state.raw(null);

  /** Begins once the page has all that it needs, so as not to stand in its way. */
  start(): void {
    if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
    navigator.serviceWorker.register('/sw.js').then(
      (registration) => {
        this.#watch(registration);
      },
      () => undefined, // a private window: the page works, with a network
    );
  }

  /** Takes the newer version. */
  take(): void {
    navigator.serviceWorker.addEventListener('controllerchange', () => {
      location.reload();
    });
    this.waiting?.postMessage('take over');
  }

  #watch(registration: ServiceWorkerRegistration): void {
    const look = () => {
      // The first one of all does not wait for anybody.
      if (navigator.serviceWorker.controller) this.waiting = registration.waiting;
    };
    registration.addEventListener('updatefound', () => {
      registration.installing?.addEventListener('statechange', look);
    });
    look();
  }
}

export const offline = new Offline();
