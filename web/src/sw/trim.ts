/** What trim needs of a cache. */
export interface Keeper {
  keys(): Promise<readonly Request[]>;
  delete(request: Request): Promise<boolean>;
}

const slack = 50;

/** Takes out the oldest, down to the bound; now and then, as counting costs. */
export async function trim(cache: Keeper, most: number): Promise<void> {
  const keys = await cache.keys();
  if (keys.length <= most + slack) return;
  await Promise.all(keys.slice(0, keys.length - most).map((request) => cache.delete(request)));
}
