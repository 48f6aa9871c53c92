// What of the editor is to be seen on the map.
import type { AreaMark, SheetArea, SketchArea, SketchMark } from '../../map/sheet.ts';
import type { SketchPreview } from '../../map/sketch.ts';
import type { Vertex } from '../../model/plan/vertex.ts';
import { lngLatOf } from '../../model/plan/vertex.ts';
import {
  coordinatesOf,
  isLocked,
  isLockedEdge,
  topologyOf,
  type Face,
  type Plan,
} from '../../model/plan/plan.ts';
import { edgesOf } from '../../model/plan/shape.ts';
import { middleOf } from '../../model/plan/vertices.ts';
import type { Editor } from './editor.svelte.ts';

/** Makes areas of faces; a face that is the same as before stays the same area. */
export function areaMaker(): (plan: Plan, face: Face) => SketchArea {
  const made = new WeakMap<Face, SketchArea>();
  return ({ frame }, face) => {
    const known = made.get(face);
    if (known) return known;
    const { code, households, estimated, shape } = face;
    const label = `${estimated ? '≈' : ''}${String(households)}`;
    const area = { code, coordinates: coordinatesOf(frame, shape), households, label };
    made.set(face, area);
    return area;
  };
}

/** What the sheet over the map shows: the areas that the tool would change, and those that are marked. */
export function previewOf(editor: Editor, areaOf: (plan: Plan, face: Face) => SketchArea): SketchPreview {
  const { proposal, shown } = editor;
  const changed = proposal?.ok ? proposal.changed : [];
  const markOf = marking(editor, changed);
  const areas = [...shown.faces.values()].flatMap((face): SheetArea[] => {
    const [mark, instead] = [markOf(face.code), changed.includes(face.code)];
    return mark === '' && !instead ? [] : [{ area: areaOf(shown, face), mark, instead }];
  });
  return { areas, changed };
}

/** How each micro-grid is marked. */
function marking(
  { selected, picked, refused, held, problems }: Editor,
  changed: readonly string[],
): (code: string) => AreaMark {
  const faults = problems.filter(({ kind }) => kind === 'small').map(({ code }) => code);
  return (code) => {
    if (refused?.face === code) return 'fault';
    if (!held && changed.includes(code)) return 'piece';
    if (code === selected) return 'selected';
    if (picked.includes(code)) return 'picked';
    return faults.includes(code) ? 'fault' : '';
  };
}

/** Lines, handles and the aim. */
export function marksOf(editor: Editor): SketchMark[] {
  return [...handles(editor), ...lines(editor), ...faults(editor), ...aims(editor)];
}

function handles({ tool, face, shown, held, awaiting }: Editor): SketchMark[] {
  if (!face || awaiting || (tool !== 'select' && tool !== 'cut' && tool !== 'reshape')) return [];
  const topology = topologyOf(shown);
  const at = (vertex: Vertex) => lngLatOf(shown.frame, vertex);
  const corners = face.shape.flat(2).map((vertex): SketchMark => {
    const kind = tool === 'select' && !isLocked(topology, vertex) ? 'handle' : 'locked';
    return { kind, places: [at(vertex)] };
  });
  if (tool !== 'select' || held) return corners;
  const middles = [...edgesOf(face.shape)].flatMap(([a, b]): SketchMark[] => {
    const middle = isLockedEdge(topology, a, b) ? null : middleOf(a, b);
    return middle === null ? [] : [{ kind: 'middle', places: [at(middle)] }];
  });
  return [...middles, ...corners];
}

function lines({ plan, tool, line, pointer, proposal, hovered, held, awaiting }: Editor): SketchMark[] {
  const at = (vertex: Vertex) => lngLatOf(plan.frame, vertex);
  const marks: SketchMark[] = [];
  if (hovered) marks.push({ kind: 'edge', places: hovered.map(at) });
  if (held?.kind === 'edge') marks.push({ kind: 'edge', places: held.edge.map(at) });
  if (line.length > 0) {
    const open = pointer === null || held || awaiting ? line : [...line, pointer];
    const ring = tool === 'draw' && open.length > 2 ? [...open, ...open.slice(0, 1)] : open;
    const kind = proposal && !proposal.ok && proposal.reason !== 'not_across' ? 'refused' : 'line';
    if (ring.length > 1) marks.push({ kind, places: ring.map(at) });
    for (const vertex of line.length < 60 ? line : []) marks.push({ kind: 'middle', places: [at(vertex)] });
  }
  return marks;
}

function faults({ plan, held, pointer, proposal, refused }: Editor): SketchMark[] {
  const at = (vertex: Vertex) => lngLatOf(plan.frame, vertex);
  const marks: SketchMark[] = [];
  const why = proposal && !proposal.ok ? proposal : refused;
  if (why?.edge) marks.push({ kind: 'refused', places: why.edge.map(at) });
  if (held?.kind === 'vertex' || held?.kind === 'middle') {
    const ends = held.kind === 'middle' ? held.edge : [held.vertex];
    if (pointer !== null && proposal && !proposal.ok)
      marks.push(...ends.map((end): SketchMark => ({ kind: 'refused', places: [at(end), at(pointer)] })));
    if (pointer !== null) marks.push({ kind: 'held', places: [at(pointer)] });
  }
  return marks;
}

function aims({ plan, aim }: Editor): SketchMark[] {
  return aim === null ? [] : [{ kind: 'aim', places: [lngLatOf(plan.frame, aim)] }];
}
