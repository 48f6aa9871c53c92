// What is said of an answer follows from what was sought, and never claims more than was proved.
import { expect, it } from 'vitest';
import { translate, type Translate } from '../../ui/i18n.ts';
import { nextShare, type Siting } from '../../model/siting.ts';
import { countWords } from './weight-words.ts';
import { sitingMessages } from './siting-messages.ts';
import { foundNothing, howGood, whatIsFound } from './siting-words.ts';

const t: Translate<keyof (typeof sitingMessages)['en']> = (key, params) =>
  translate(sitingMessages, 'zh-CN', key, { ...countWords(null, 'zh-CN'), ...params });
const site = {
  h3: '',
  at: [0, 0] as const,
  community: '',
  communityName: '',
  name: '',
  suggestion: null,
  gain: 100,
  cumulative: 100,
};
const fewest: Siting = {
  seq: 1,
  model: 'lscp',
  households: 1000,
  coveredBefore: 300,
  atLeast: 2,
  share: 0.5,
  possible: true,
  sites: [site, site],
  curve: [0, 100, 200],
  uncovered: 700,
  objective: 200,
  bound: 220,
  gapShare: 0.1,
  proved: true,
  stopped: false,
  wish: 10,
  cost: null,
  banners: [],
};
const said = (siting: Partial<Siting>) => {
  const whole = { ...fewest, ...siting };
  return `${whatIsFound(whole, t, 'zh-CN')} ${howGood(whole, t, 'zh-CN')}`.trim();
};

it('tells the fewest stations for a share', () => {
  expect(said({})).toBe('再设 2 处，覆盖率从 30.0% 提高到 50.0%，达到目标 50%。 已证明少一处就达不到。');
  expect(said({ proved: false, atLeast: 1 })).toMatch(/至少要 1 处；本方案最多多用 1 处。$/);
  expect(said({ possible: false, share: 0.9 })).toMatch(/^候选位置全部用上也达不到 90%.*已是上限。$/);
  expect(said({ stopped: true, proved: false, share: 0.9 })).toMatch(/^时间已到时还没有达到目标 90%/);
});

it('says why there is none', () => {
  const none = { ...fewest, sites: [], objective: 0 };
  expect(foundNothing({ ...none, share: 0.3 }, t, 'zh-CN')).toBe(
    '覆盖率现在为 30.0%，已达到目标 30%，不用再设。',
  );
  expect(foundNothing({ ...none, possible: false }, t, 'zh-CN')).toContain('达不到 50%');
  expect(foundNothing({ ...none, model: 'second_cover', uncovered: 0 }, t, 'zh-CN')).toBe(
    '没有只有一个驿站可达的户数。',
  );
});

it('asks first for the next twentieth above what there is', () => {
  expect([0, 0.27, 0.3, 0.95, 1].map(nextShare)).toEqual([0.05, 0.3, 0.35, 1, 1]);
});
