// Keeps the rider's page at hand without a network: the page itself, the pieces of the map once it was opened,
// and the tiles that were looked at last. The stations are kept by the page. An answer that is no success is
// never kept, and nothing else of the API is. Reports that wait are sent from here when the page is closed.
import { sendWaiting, syncTag } from '../apps/rider/outbox-send.ts';
import { trim } from './trim.ts';

declare const self: ServiceWorkerGlobalScope;
/** What the page is made of, and a name for just that; the build puts them in (serviceWorker in vite.rider.ts). */
declare const __SHELL__: { readonly version: string; readonly files: readonly string[] };

const shellPrefix = 'yizhan-shell-';
const shellName = shellPrefix + __SHELL__.version;
const dataName = 'yizhan-data';
const tilesName = 'yizhan-tiles';
const mostTiles = 600;
/** How long a tile that is kept waits for a newer one. */
const patienceMs = 2500;

self.addEventListener('install', (event) => {
  event.waitUntil(keepShell());
});

self.addEventListener('activate', (event) => {
  event.waitUntil(takeOver());
});

// A new version waits until the rider says so, or all pages of the old one are gone: an open page never finds
// its pieces exchanged.
self.addEventListener('message', (event) => {
  if (event.data === 'take over') void self.skipWaiting();
});

self.addEventListener('fetch', (event) => {
  const answer = answerTo(event.request, event);
  if (answer) event.respondWith(answer);
});

/** An event that TypeScript does not know yet: there is a network, and something to send. */
interface SyncEvent extends ExtendableEvent {
  readonly tag: string;
}

self.addEventListener('sync', (event) => {
  const { tag } = event as SyncEvent;
  if (tag === syncTag) (event as SyncEvent).waitUntil(sendWaiting());
});

function answerTo(request: Request, event: ExtendableEvent): Promise<Response> | null {
  const { origin, pathname, search } = new URL(request.url);
  if (request.method !== 'GET' || origin !== self.location.origin) return null;
  if (request.mode === 'navigate') return isRiders(pathname) ? keptOr('/', request) : null;
  if (pathname.startsWith('/assets/')) return asset(request);
  if (pathname === '/api/stations.pack' && search === '') return keptOr(pathname, request);
  if (pathname.startsWith('/api/tiles/') || pathname === '/api/city') return freshOrKept(request, event);
  return null;
}

function isRiders(pathname: string): boolean {
  return pathname === '/' || pathname.startsWith('/s/');
}

async function keepShell(): Promise<void> {
  const shell = await caches.open(shellName);
  // The page by its address, as new as can be; its pieces bear their content in their names.
  await shell.addAll([new Request('/', { cache: 'reload' }), ...__SHELL__.files]);
}

async function takeOver(): Promise<void> {
  const shells = (await caches.keys()).filter((name) => name.startsWith(shellPrefix) && name !== shellName);
  // Another page may still run the version before this one.
  await Promise.all(shells.slice(0, -1).map((name) => caches.delete(name)));
  await self.clients.claim();
}

async function keptOr(name: string, request: Request): Promise<Response> {
  const kept = await (await caches.open(name === '/' ? shellName : dataName)).match(name);
  return kept ?? fetch(request);
}

async function asset(request: Request): Promise<Response> {
  const kept = await caches.match(request);
  if (kept) return kept;
  const response = await fetch(request);
  if (response.ok) await put(shellName, request, response);
  return response;
}

/** The network's answer; the kept one where the network has none, or none in time. */
async function freshOrKept(request: Request, event: ExtendableEvent): Promise<Response> {
  const fresh = fetch(request).then(async (response) => {
    if (response.ok) {
      await put(tilesName, request, response);
      event.waitUntil(trim(await caches.open(tilesName), mostTiles));
    }
    return response;
  });
  const kept = await (await caches.open(tilesName)).match(request);
  if (!kept) return fresh;
  event.waitUntil(fresh.catch(() => undefined));
  const late = new Promise<Response>((resolve) => {
    setTimeout(resolve, patienceMs, kept);
  });
  return Promise.race([fresh, late]).then(
    (response) => (response.status >= 500 ? kept : response),
    () => kept,
  );
}

// A phone without room keeps less, and all else works.
async function put(cacheName: string, request: Request, response: Response): Promise<void> {
  try {
    const cache = await caches.open(cacheName);
    await cache.delete(request); // the one looked at last stands last
    await cache.put(request, response.clone());
  } catch {
    // see above
  }
}
