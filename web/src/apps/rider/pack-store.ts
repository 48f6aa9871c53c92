// Where the stations come from: what the phone kept, and then what the server has changed since.
import { ApiError, get, withQuery } from '../../api/http.ts';
import { PackError, readPack, withChanges, type Pack } from '../../model/pack.ts';

/** The stations, and when the server last said that they are right. */
export interface Held {
  readonly pack: Pack;
  readonly asOf: Date;
  /** The pack that changes are asked since. */
  readonly whole: Pack;
}

interface Answer {
  readonly text: string;
  readonly asOf: Date;
}

// The service worker answers requests for the whole from here.
const cacheName = 'yizhan-data';
const address = '/api/stations.pack';
const changesName = `${address}?kept`;
const asOfHeader = 'X-Kept-As-Of';

/** What the phone kept; null where that is nothing, or is broken. */
export async function keptPack(): Promise<Held | null> {
  const [whole, changes] = await Promise.all([recall(address), recall(changesName)]);
  if (!whole) return null;
  try {
    const pack = readPack(whole.text);
    return changes
      ? heldWith(pack, readPack(changes.text), changes.asOf)
      : { pack, whole: pack, asOf: whole.asOf };
  } catch (error) {
    if (error instanceof PackError) return null;
    throw error;
  }
}

/** The stations as they are now: what changed since those that are held, or all. */
export async function freshPack(held: Held | null, signal: AbortSignal): Promise<Held> {
  if (held) {
    const changes = await ask(held.whole.seq, signal);
    try {
      const next = heldWith(held.whole, readPack(changes.text), changes.asOf);
      await keep(next.whole === held.whole ? changesName : address, changes);
      return next;
    } catch (error) {
      if (!(error instanceof PackError)) throw error; // else all of it
    }
  }
  const answer = await ask(0, signal);
  try {
    const pack = readPack(answer.text);
    await keep(address, answer);
    return { pack, whole: pack, asOf: answer.asOf };
  } catch (error) {
    if (error instanceof PackError) throw new ApiError('broken', error.message);
    throw error;
  }
}

function heldWith(whole: Pack, changes: Pack, asOf: Date): Held {
  const pack = withChanges(whole, changes);
  return { pack, asOf, whole: changes.since === 0 ? pack : whole };
}

function ask(since: number, signal: AbortSignal): Promise<Answer> {
  return get(
    withQuery(address, { since: since || undefined }),
    async (response) => ({
      text: await response.text(),
      // The server may itself have lost touch with its database.
      asOf: new Date(Date.now() - Number(response.headers.get('X-Yizhan-Age') ?? 0) * 1000),
    }),
    { signal },
  );
}

// A browser keeps nothing in private windows and on insecure pages: then all else works.
async function recall(name: string): Promise<Answer | null> {
  try {
    const kept = await (await caches.open(cacheName)).match(name);
    const asOf = Number(kept?.headers.get(asOfHeader));
    return kept && asOf > 0 ? { text: await kept.text(), asOf: new Date(asOf) } : null;
  } catch {
    return null;
  }
}

async function keep(name: string, { text, asOf }: Answer): Promise<void> {
  try {
    const cache = await caches.open(cacheName);
    if (name === address) await cache.delete(changesName);
    const headers = { 'Content-Type': 'application/json', [asOfHeader]: String(asOf.getTime()) };
    await cache.put(name, new Response(text, { headers }));
  } catch {
    // see above
  }
}
