import { expect, test } from 'vitest';
import { readQueueView, writeQueueView } from './report-queue.ts';

test.each([
  '',
  'stage=handled&kind=problem&unit=150702&station=150702-0001&overdue=1&mine=1&report=17&as=map',
  'as=statistics',
])('the address of a queue reads back: %s', (address) => {
  const query = new URLSearchParams();
  writeQueueView(readQueueView(new URLSearchParams(address)), query);
  expect(query.toString()).toBe(address);
});

test('what an address does not know it leaves out', () => {
  const view = readQueueView(new URLSearchParams('stage=lost&kind=x&unit=y&station=%3Cb%3E&report=-1&as=z'));
  expect(view).toEqual({
    stage: 'open',
    kind: null,
    unit: null,
    station: null,
    overdue: false,
    mine: false,
    report: null,
    shown: 'list',
  });
});
