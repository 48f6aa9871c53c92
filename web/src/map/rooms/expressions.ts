// Small expressions that the rooms of the style are made of.
import type { ExpressionSpecification, LayerSpecification } from 'maplibre-gl';
import type { LayerId } from '../layers.ts';
import type { Ramp } from '../ramps.ts';
import type { StyleState } from '../style.ts';

/** A layer whose id is one of ours. */
export type Layer = LayerSpecification & { id: LayerId };

/** The faces of labels: those of the device. */
export const plain = ['PingFang SC', 'HarmonyOS Sans SC', 'MiSans', 'Microsoft YaHei', 'Noto Sans CJK SC'];

/** MapLibre reads the weight from the first name. */
export const strong = ['PingFang SC Semibold', ...plain];

export type Stop = readonly [zoom: number, value: number];

export function zoomed(...stops: Stop[]): ExpressionSpecification {
  return ['interpolate', ['linear'], ['zoom'], ...stops.flat()] as unknown as ExpressionSpecification;
}

export function stepped(value: ExpressionSpecification, [lowest, ...rest]: Ramp): ExpressionSpecification {
  const steps = rest.flatMap(({ from, color }) => [from, color]);
  return ['step', value, lowest?.color ?? '#888888', ...steps] as unknown as ExpressionSpecification;
}

export function whenHovered(width: number): ExpressionSpecification {
  return ['case', ['boolean', ['feature-state', 'hover'], false], width, 0];
}

export function localName(lang: StyleState['lang']): ExpressionSpecification {
  const chinese: ExpressionSpecification = ['coalesce', ['get', 'name'], ''];
  if (lang === 'zh-CN') return chinese;
  return ['case', ['!=', ['coalesce', ['get', 'name_en'], ''], ''], ['get', 'name_en'], chinese];
}
