// The borders that two people drew differently, as lines for the map.
import type { SketchMark } from '../../map/sheet.ts';
import { differencesIn, type ThreeWay } from '../../model/plan/rebase.ts';
import type { Arc } from '../../model/plan/plan.ts';
import { lngLatOf } from '../../model/plan/vertex.ts';

export function arcMarks(conflict: ThreeWay): SketchMark[] {
  const { frame } = conflict.base;
  const mark = (kind: SketchMark['kind'], arcs: readonly Arc[]) =>
    arcs.map(({ vertices }): SketchMark => ({
      kind,
      places: vertices.map((vertex) => lngLatOf(frame, vertex)),
    }));
  const differences = conflict.knots.flatMap((knot) => differencesIn(conflict, knot));
  return differences.flatMap(({ base, mine, theirs }) => [
    ...mark('theirs', theirs),
    ...mark('mine', mine),
    ...mark('base', base),
  ]);
}
