// The words of the classes of the map.
import { catalog } from '../../ui/i18n.ts';

export const classMessages = catalog(
  {
    classes: '分级方法',
    standard: '标准分级',
    quantile: '分位数',
    equal: '等距',
    natural: '自然断点',
    manual: '手动',
    histogram: '数值分布，{count} 个值；拖动竖线改变分级',
    break: '第 {n} 个分界',
    hint: '按当前视野计算一次，之后移动地图分级不变；拖动竖线可手动调整。',
    hintUnits: '按全部单元计算；拖动竖线可手动调整。',
    same: '这里的值都一样，无法分级。',
  },
  {
    classes: 'Classes',
    standard: 'Standard',
    quantile: 'Quantiles',
    equal: 'Equal steps',
    natural: 'Natural breaks',
    manual: 'By hand',
    histogram: 'Distribution of {count} values; drag the lines to change the classes',
    break: 'Break {n}',
    hint: 'Made once of what is in sight; they stay when the map moves. Drag the lines to change them.',
    hintUnits: 'Made of all units. Drag the lines to change them.',
    same: 'All values here are the same: there are no classes to make.',
  },
);
