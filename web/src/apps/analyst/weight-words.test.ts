import { describe, expect, it } from 'vitest';
import { LANGS, translate, type Catalog, type Lang } from '../../ui/i18n.ts';
import { asked } from './asked-messages.ts';
import { messages } from './messages.ts';
import { reportMessages } from './report-messages.ts';
import { scenarioMessages } from './scenario-messages.ts';
import { sitingMessages } from './siting-messages.ts';
import { topics } from './topic-messages.ts';
import { trendMessages } from './trend-messages.ts';
import { countWords } from './weight-words.ts';
import { whyMessages } from './why-messages.ts';

const orders = { title: '外卖订单', measure: '单' };

/** Those that speak of households whatever is counted: to say that they are not, or of a formula of theirs. */
const ofHouseholds = new Set([
  'inHouseholds',
  'weighedBy',
  'without',
  'unplaced',
  'counted',
  'countedText',
  'modelText',
  'model',
  'modelCounted',
  'covered households',
  'cross-covered households',
]);

describe('the words of what is counted', () => {
  it('are those of households where these are counted', () => {
    const say = (lang: Lang) =>
      translate(messages, lang, 'classCount', { from: 1, to: 9, ...countWords(null, lang) });
    expect(LANGS.map(say)).toEqual(['1–9 户', '1–9']);
  });

  it.each(LANGS)('never speak of households where orders are counted, in %s', (lang) => {
    const words = { ...countWords(orders, lang), households: 5 };
    const why: Catalog<string> = whyMessages;
    const catalogs: Catalog<string>[] = [
      asked,
      messages,
      reportMessages,
      scenarioMessages,
      sitingMessages,
      topics,
      trendMessages,
      why,
    ];
    for (const catalog of catalogs)
      for (const key of Object.keys(catalog[lang])) {
        if (ofHouseholds.has(key) || (catalog === why && key === 'households')) continue;
        expect(translate(catalog, lang, key, words), key).not.toMatch(/户数|户$| 户|households/i);
      }
    expect(translate(topics, lang, 'gap', { ...words, place: 'x', households: 1234 })).toBe('x · 1,234 单');
  });

  it('do not say households before the name is known', () => {
    expect(countWords(undefined, 'zh-CN').counted).toBe('…');
  });

  it('fall back on the name where there is no unit of measurement', () => {
    expect(countWords({ title: '骑手', measure: ' ' }, 'en').one).toBe('骑手');
  });
});
