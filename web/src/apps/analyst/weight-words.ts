// The words for what is counted, which stand in sentences as {counted}, {Counted}, {one} and {unit}.
import type { WeightName } from '../../model/weight.ts';
import type { Lang } from '../../ui/i18n.ts';

type CountWords = Readonly<Record<'counted' | 'Counted' | 'one' | 'unit', string>>;

const households: Record<Lang, CountWords> = {
  'zh-CN': { counted: '户数', Counted: '户数', one: '户', unit: ' 户' },
  en: { counted: 'households', Counted: 'Households', one: 'households', unit: '' },
};

/** Of households (null), of a weight, or of one whose name is not known yet: that is never called households. */
export function countWords(weight: WeightName | null | undefined, lang: Lang): CountWords {
  if (weight === null) return households[lang];
  const title = weight?.title ?? '…';
  const one = weight?.measure.trim() || title;
  return { counted: title, Counted: title, one, unit: ` ${one}` };
}
