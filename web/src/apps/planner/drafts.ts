// Drafts on the device: one a community, in the browser's database. A browser may refuse to keep anything; work
// then lasts as long as the page, and the page says so.
import type { Draft } from '../../model/plan/draft.ts';

const store = 'drafts';

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open('yizhan-planner', 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(store, { keyPath: 'community' });
    };
    request.onsuccess = () => {
      resolve(request.result);
    };
    request.onerror = () => {
      reject(request.error ?? new Error('the browser keeps no database'));
    };
  });
}

async function within<T>(
  mode: IDBTransactionMode,
  act: (drafts: IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
  const database = await open();
  try {
    return await new Promise<T>((resolve, reject) => {
      const transaction = database.transaction(store, mode);
      const request = act(transaction.objectStore(store));
      transaction.oncomplete = () => {
        resolve(request.result);
      };
      transaction.onabort = transaction.onerror = () => {
        reject(transaction.error ?? new Error('the draft was not kept'));
      };
    });
  } finally {
    database.close();
  }
}

export async function keepDraft(draft: Draft): Promise<void> {
  await within('readwrite', (drafts) => drafts.put(draft));
}

export async function findDraft(community: string): Promise<Draft | undefined> {
  return within('readonly', (drafts) => drafts.get(community) as IDBRequest<Draft | undefined>);
}

export async function dropDraft(community: string): Promise<void> {
  await within('readwrite', (drafts) => drafts.delete(community));
}
