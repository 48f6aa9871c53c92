// Reports that wait on the phone until there is a network, and those that were sent, by their codes. They are in
// the browser's database, so that they are there when the page was closed meanwhile. A private window keeps
// nothing: then they wait for as long as the page is open.
import type { NewReport, RiderReport } from '../../model/report.ts';

export interface Outgoing {
  /** Made on the phone: however often it is sent, it is taken in once. */
  readonly key: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly state: 'waiting' | 'sent' | 'refused';
  /** What it is about, in words of the page. */
  readonly about: string;
  /** What is sent; once it was, only what it is about is kept. */
  readonly report: NewReport;
  /** What the server said last. */
  readonly told: RiderReport | null;
  /** Why it was refused. */
  readonly why?: string;
}

/** The most that are kept: those that wait never go, the oldest others do. */
const most = 100;

const memory = new Map<string, Outgoing>();
let opening: Promise<IDBDatabase | null> | undefined;

/** All that is kept, newest first. */
export async function keptReports(): Promise<Outgoing[]> {
  const database = await open();
  const all = database
    ? await done<Outgoing[]>(database.transaction('reports').objectStore('reports').getAll())
    : [...memory.values()];
  return all.sort((a, b) => b.at - a.at);
}

/** Keeps one; false where that is only for as long as the page is open. */
export async function keepReport(one: Outgoing): Promise<boolean> {
  const database = await open();
  if (!database) {
    memory.set(one.key, one);
    return false;
  }
  await done(database.transaction('reports', 'readwrite').objectStore('reports').put(one));
  await trim(database);
  return true;
}

export async function forgetReport(key: string): Promise<void> {
  const database = await open();
  memory.delete(key);
  if (database) await done(database.transaction('reports', 'readwrite').objectStore('reports').delete(key));
}

async function trim(database: IDBDatabase): Promise<void> {
  const others = (await keptReports()).filter(({ state }) => state !== 'waiting');
  const store = database.transaction('reports', 'readwrite').objectStore('reports');
  for (const { key } of others.slice(most)) store.delete(key);
}

function open(): Promise<IDBDatabase | null> {
  opening ??= new Promise((resolve) => {
    try {
      const request = indexedDB.open('yizhan', 1);
      request.onupgradeneeded = () => request.result.createObjectStore('reports', { keyPath: 'key' });
      request.onsuccess = () => {
        resolve(request.result);
      };
      request.onerror = () => {
        resolve(null);
      };
    } catch {
      resolve(null);
    }
  });
  return opening;
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => {
      resolve(request.result);
    };
    request.onerror = () => {
      reject(request.error ?? new Error('the database of the browser failed'));
    };
  });
}
