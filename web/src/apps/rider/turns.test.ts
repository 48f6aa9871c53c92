import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { afterPicture, inTurns } from './turns.ts';

beforeEach(() => {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'requestAnimationFrame', 'cancelAnimationFrame'],
  });
});
afterEach(() => {
  vi.useRealTimers();
});

it('does a few at once, and a few more after each picture', () => {
  const done: number[] = [];
  inTurns(8, 3, (upTo) => done.push(upTo));
  expect(done).toEqual([3]);
  vi.advanceTimersToNextFrame();
  vi.advanceTimersByTime(1);
  expect(done).toEqual([3, 6]);
  vi.runAllTimers();
  expect(done).toEqual([3, 6, 8]);
});

it('does nothing more when it is stopped, whatever turn it is in', () => {
  const done: number[] = [];
  const stop = afterPicture(() => inTurns(9, 3, (upTo) => done.push(upTo)));
  expect(done).toEqual([]);
  vi.advanceTimersByTime(18);
  expect(done).toEqual([3]);
  stop();
  vi.runAllTimers();
  expect(done).toEqual([3]);
});

it('tells of nothing that there is to do', () => {
  const done: number[] = [];
  expect(inTurns(0, 3, (upTo) => done.push(upTo))).toBeUndefined();
  expect(done).toEqual([0]);
});
