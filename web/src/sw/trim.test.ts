import { expect, it } from 'vitest';
import { trim } from './trim.ts';

function cacheOf(count: number) {
  let kept = Array.from({ length: count }, (_, i) => new Request(`https://yizhan.test/${String(i)}`));
  return {
    keys: () => Promise.resolve(kept),
    delete: (request: Request) => {
      kept = kept.filter((each) => each !== request);
      return Promise.resolve(true);
    },
    left: () => kept.map(({ url }) => url.split('/').pop()),
  };
}

it('takes out the oldest once there are far too many', async () => {
  const cache = cacheOf(70);
  await trim(cache, 10);
  expect(cache.left()).toEqual(['60', '61', '62', '63', '64', '65', '66', '67', '68', '69']);
});

it('lets a few too many be', async () => {
  const cache = cacheOf(55);
  await trim(cache, 10);
  expect(cache.left()).toHaveLength(55);
});
