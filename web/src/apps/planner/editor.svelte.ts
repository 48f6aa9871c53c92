// The editor of a community: which tool is in hand, what it would do, and what was done.
import type { LngLat } from '../../geo/distance.ts';
import type { ActionName, Done, Outcome, Refused } from '../../model/plan/action.ts';
import { assign, type Facts } from '../../model/plan/assign.ts';
import { baseOf, editsOf, type Base, type GridEdit } from '../../model/plan/changes.ts';
import { cut, divide } from '../../model/plan/cut.ts';
import { draw, reshape } from '../../model/plan/draw.ts';
import { nextIn, problemsOf } from '../../model/plan/figures.ts';
import { beginHistory, planNow, record, redo, undo, type History } from '../../model/plan/history.ts';
import { merge } from '../../model/plan/merge.ts';
import { isLocked, isLockedEdge, topologyOf, type GridFeature, type Plan } from '../../model/plan/plan.ts';
import {
  faceAt,
  facesAround,
  nearestEdge,
  nearestVertex,
  pixelsBetween,
  snapped,
  verticesOf,
  type Pointer,
} from '../../model/plan/reach.ts';
import { edgesOf, type Edge } from '../../model/plan/shape.ts';
import { deleteVertex, insertVertex, middleOf, moveEdge, moveVertex } from '../../model/plan/vertices.ts';
import { lngLatOf, shifted, snapTo, xOf, yOf, type Vertex } from '../../model/plan/vertex.ts';

export const TOOLS = ['select', 'draw', 'cut', 'merge', 'edge', 'reshape', 'assign'] as const;
export type Tool = (typeof TOOLS)[number];

/** What the pointer holds while it is down, or the keyboard until it lets go. */
type Held =
  | { readonly kind: 'vertex'; readonly vertex: Vertex }
  | { readonly kind: 'middle'; readonly edge: Edge }
  | { readonly kind: 'edge'; readonly edge: Edge; readonly from: Vertex }
  | { readonly kind: 'stroke' };

export interface EditorStart {
  readonly base: readonly GridFeature[];
  readonly plan: Plan;
  readonly selected: string | null;
  /** Work from before, as one step; null for none. */
  readonly restored?: Plan | null;
}

/** A stroke has a vertex each so many pixels. */
const strokeStep = 5;

/** Tools whose line is drawn point by point. */
const lineTools: readonly Tool[] = ['draw', 'cut', 'reshape'];

export class Editor {
  tool: Tool = $state('select');
  snapping = $state(true);
  selected: string | null = $state(null);
  /** Micro-grids chosen beside the selected one, to be merged with it. */
  picked: readonly string[] = $state.raw([]);
  /** The line that is being drawn. */
  line: readonly Vertex[] = $state.raw([]);
  /** Where the pointer means to be. */
  pointer: Vertex | null = $state.raw(null);
  /** The keyboard points here. */
  aim: Vertex | null = $state.raw(null);
  held: Held | null = $state.raw(null);
  /** The edge under the pointer, for the tool that moves edges. */
  hovered: Edge | null = $state.raw(null);
  /** What the tool would do now. */
  proposal: Outcome | null = $state.raw(null);
  /** The line of a cut leads across: it waits to be confirmed, perhaps with other households. */
  awaiting = $state(false);
  /** Why the last try was refused. */
  refused: Refused | null = $state.raw(null);
  /** What was done last, for the reader of a screen. */
  said: { action: ActionName | 'undo' | 'redo'; count: number } | null = $state.raw(null);
  history: History = $state.raw() as History;
  base: Base = $state.raw(baseOf([]));

  #corner: Vertex | null = null;

  readonly plan = $derived(planNow(this.history));
  /** The plan as it is shown: with what the tool would do. */
  readonly shown = $derived(this.proposal?.ok ? this.proposal.plan : this.plan);
  readonly problems = $derived(problemsOf(this.plan));
  readonly edits: readonly GridEdit[] = $derived(editsOf(this.base, this.plan));
  readonly face = $derived(this.selected === null ? undefined : this.shown.faces.get(this.selected));

  constructor({ base, plan, selected, restored }: EditorStart) {
    this.restart(base, plan);
    if (restored) this.#take({ ok: true, action: 'resolve', plan: restored, changed: [] });
    this.selected = selected !== null && this.plan.faces.has(selected) ? selected : null;
    this.said = null;
  }

  /** Begins again from what the server has. */
  restart(base: readonly GridFeature[], plan: Plan): void {
    this.base = baseOf(base);
    this.history = beginHistory(plan);
    this.#let();
  }

  get canUndo(): boolean {
    return this.history.done.length > 0;
  }

  get canRedo(): boolean {
    return this.history.undone.length > 0;
  }

  /** How many micro-grids move with what is held. */
  get moving(): number {
    return this.held && this.proposal?.ok ? this.proposal.changed.length : 0;
  }

  /** Whether arrows move a vertex or an edge now, and not the aim alone. */
  get aimMoves(): boolean {
    if (this.held?.kind === 'vertex' || this.held?.kind === 'edge') return true;
    const tool = this.tool === 'select' || this.tool === 'edge';
    return tool && this.aim !== null && topologyOf(this.plan).out.has(this.aim);
  }

  use(tool: Tool): void {
    this.cancel();
    this.tool = tool;
  }

  select(code: string | null): void {
    if (code === this.selected) return;
    this.cancel();
    this.selected = code;
    this.aim = null;
    this.#corner = null;
  }

  undo(): void {
    this.#step(undo(this.history), 'undo');
  }

  redo(): void {
    this.#step(redo(this.history), 'redo');
  }

  #step(history: History, action: 'undo' | 'redo'): void {
    if (history === this.history) return;
    this.cancel();
    this.history = history;
    if (this.selected !== null && !this.plan.faces.has(this.selected)) this.selected = null;
    this.said = { action, count: 0 };
  }

  /** Lets go of what is being done; nothing of it stays. */
  cancel(): void {
    this.#let();
    this.refused = null;
  }

  #let(): void {
    this.line = [];
    this.picked = [];
    this.held = null;
    this.proposal = null;
    this.awaiting = false;
    this.hovered = null;
  }

  /** Does what is proposed, or says why not. */
  commit(): boolean {
    const { proposal } = this;
    if (proposal === null) return false;
    if (!proposal.ok) {
      const { reason } = proposal;
      this.#let();
      this.refused = reason === 'nothing_to_do' ? null : proposal;
      return false;
    }
    this.#let();
    this.#take(proposal);
    return true;
  }

  #take(done: Done): void {
    this.history = record(this.history, done);
    this.refused = null;
    this.said = { action: done.action, count: done.changed.length };
    if (done.action === 'draw') this.selected = done.changed.at(-1) ?? null;
    else if (this.selected !== null && !done.plan.faces.has(this.selected)) this.selected = null;
  }

  /** Proposes and does in one. */
  #act(outcome: Outcome): boolean {
    this.proposal = outcome;
    return this.commit();
  }

  // The pointer. It is the mouse, a finger, or the aim of the keyboard.

  down(pointer: Pointer): boolean {
    if (this.tool === 'select') this.held = this.#handleAt(pointer);
    else if (this.tool === 'edge') {
      const near = this.#edgeAt(pointer);
      this.held = near && { kind: 'edge', edge: near.edge, from: near.at };
    } else if (this.tool === 'reshape' && this.selected !== null && this.line.length === 0) {
      this.held = { kind: 'stroke' };
      this.line = this.#points(pointer);
    }
    return this.held !== null;
  }

  move(pointer: Pointer): void {
    this.pointer = this.#snapped(pointer);
    if (this.held) this.#drag(pointer, this.held);
    else if (this.tool === 'edge') this.hovered = this.#edgeAt(pointer)?.edge ?? null;
    else if (lineTools.includes(this.tool) && this.line.length > 0 && !this.awaiting)
      this.#propose(this.pointer);
  }

  up(pointer: Pointer): void {
    const { held } = this;
    if (!held) return;
    if (held.kind === 'stroke') {
      // A click that did not move begins a line of single points.
      if (this.line.length < 3) {
        this.held = null;
        return;
      }
      this.line = this.#ended(this.line, pointer);
      this.proposal = reshape(this.plan, this.selected ?? '', this.line);
    } else if (!this.proposal) {
      this.#let();
      return;
    }
    this.commit();
  }

  click(pointer: Pointer): void {
    if (this.held || this.awaiting) return;
    switch (this.tool) {
      case 'select':
      case 'edge':
      case 'assign':
        if (!this.#handleAt(pointer)) this.select(faceAt(this.plan, pointer.at));
        return;
      case 'merge':
        this.pick(faceAt(this.plan, pointer.at));
        return;
      default:
        this.addPoint(this.#snapped(pointer));
    }
  }

  /** Ends a line where it was begun to be drawn point by point. */
  finish(): void {
    if (this.tool === 'merge' || this.awaiting) this.commit();
    else if (this.line.length > 1) {
      this.#propose(null);
      this.commit();
    }
  }

  /** Adds a point to the line. A cut that leads across waits to be confirmed. */
  addPoint(vertex: Vertex | null): void {
    if (vertex === null) return;
    this.refused = null;
    if (this.tool !== 'draw' && this.selected === null) {
      const { at } = this.#lngLat(vertex);
      this.select(faceAt(this.plan, at));
      if (this.selected === null) return;
    }
    if (vertex === this.line.at(-1)) {
      this.finish();
      return;
    }
    this.line = [...this.line, vertex];
    this.#propose(null);
    if (this.tool === 'cut' && this.proposal?.ok) this.awaiting = true;
  }

  removePoint(): void {
    this.awaiting = false;
    this.line = this.line.slice(0, -1);
    this.#propose(null);
  }

  /** Chooses another micro-grid to merge with the selected one, or takes the choice back. */
  pick(code: string | null): void {
    if (code === null) return;
    this.refused = null;
    if (this.selected === null) {
      this.selected = code;
      return;
    }
    if (code === this.selected) return;
    this.picked = this.picked.includes(code)
      ? this.picked.filter((one) => one !== code)
      : [...this.picked, code];
    this.proposal = this.picked.length > 0 ? merge(this.plan, this.picked, this.selected) : null;
  }

  /** Which of the micro-grids to be merged keeps its code and its leader. */
  keep(code: string): void {
    if (this.selected === null || code === this.selected) return;
    this.picked = [this.selected, ...this.picked.filter((one) => one !== code)];
    this.selected = code;
    this.proposal = merge(this.plan, this.picked, code);
  }

  /** The households of the parts of a cut, largest first; undefined shares them out by area. */
  shareCut(households: readonly number[] | undefined): void {
    this.proposal = cut(this.plan, this.selected ?? '', this.line, { households });
  }

  assign(facts: Facts): boolean {
    if (this.selected === null) return false;
    return this.#act(assign(this.plan, this.selected, facts));
  }

  proposeDivision(codes: readonly string[], target: number): void {
    this.cancel();
    this.proposal = divide(this.plan, codes, target);
    if (this.proposal.ok) this.awaiting = true;
    else this.commit();
  }

  /** Takes the vertex at the aim out, or the one that is held. */
  removeVertex(): void {
    const vertex = this.held?.kind === 'vertex' ? this.held.vertex : this.aim;
    if (vertex === null) return;
    this.#let();
    if (this.#act(deleteVertex(this.plan, vertex))) this.aim = null;
  }

  /** Puts a vertex in the middle of the edge that follows the aim. */
  addVertex(): void {
    const edge = this.#edgeAfterAim();
    if (!edge) return;
    const middle = middleOf(...edge);
    if (this.#act(insertVertex(this.plan, ...edge, middle))) this.aim = middle;
  }

  // The keyboard.

  /** The aim goes to the next or previous corner of the selected micro-grid. */
  aimAtCorner(step: 1 | -1): void {
    this.#drop();
    const ring = this.face?.shape.flat(2) ?? [];
    if (ring.length === 0) return;
    // From the corner that was aimed at last, wherever the arrows have led since.
    const index = this.#corner === null ? -1 : ring.indexOf(this.#corner);
    this.#corner = ring[(Math.max(index, step > 0 ? -1 : 0) + step + ring.length) % ring.length] ?? null;
    this.#aimAt(this.#corner);
  }

  /** The aim goes a way in steps of the grid. On a corner the select tool moves the corner with it. */
  nudge(east: number, north: number, start: LngLat): void {
    const from = this.aim ?? snapTo(this.plan.frame, start);
    const to = from === null ? null : shifted(from, east, north);
    if (from === null || to === null) return;
    const corner = this.aim !== null && topologyOf(this.plan).out.has(this.aim);
    if (!this.held && corner && this.tool === 'select') this.held = { kind: 'vertex', vertex: from };
    const edge = !this.held && corner && this.tool === 'edge' ? this.#edgeAfterAim() : undefined;
    if (edge) this.held = { kind: 'edge', edge, from };
    this.#aimAt(to);
    if (this.held?.kind === 'vertex') this.proposal = moveVertex(this.plan, this.held.vertex, to);
    if (this.held?.kind === 'edge') this.proposal = this.#movedEdge(this.held, to);
  }

  #movedEdge({ edge, from }: { edge: Edge; from: Vertex }, to: Vertex): Outcome {
    return moveEdge(this.plan, ...edge, xOf(to) - xOf(from), yOf(to) - yOf(from));
  }

  /** Does at the aim what a click does, or lets go of what the arrows have moved. */
  press(pointer: Pointer): void {
    if (this.held) {
      const { aim } = this;
      if (!this.commit()) this.aim = null;
      else this.aim = aim;
    } else if (this.awaiting) this.commit();
    else if (lineTools.includes(this.tool) && this.aim !== null) this.addPoint(this.aim);
    else this.click(pointer);
  }

  #drop(): void {
    if (this.held) this.commit();
  }

  #aimAt(vertex: Vertex | null): void {
    this.aim = vertex;
    this.pointer = vertex;
    if (!this.held && lineTools.includes(this.tool) && this.line.length > 0 && !this.awaiting)
      this.#propose(vertex);
  }

  /** To the next micro-grid in a list, going round. */
  goTo(codes: readonly string[]): string | null {
    const code = nextIn(codes, this.selected);
    if (code !== null) this.select(code);
    return code;
  }

  #drag(pointer: Pointer, held: Held): void {
    // What moves is where the pointer is; a stroke snaps where it begins and ends, and runs free between.
    const to = snapTo(this.plan.frame, pointer.at);
    if (to === null) return;
    switch (held.kind) {
      case 'vertex':
        this.proposal = moveVertex(this.plan, held.vertex, to);
        return;
      case 'middle':
        this.proposal = insertVertex(this.plan, ...held.edge, to);
        return;
      case 'edge':
        this.proposal = this.#movedEdge(held, to);
        return;
      case 'stroke': {
        const last = this.line.at(-1);
        if (last !== undefined && pixelsBetween(last, to, pointer.stepsPerPixel) < strokeStep) return;
        this.line = [...this.line, to];
      }
    }
  }

  // A stroke ends where the pointer means to be: what the hand did just before is not meant.
  #ended(line: readonly Vertex[], pointer: Pointer): readonly Vertex[] {
    const [end] = this.#points(pointer);
    if (end === undefined) return line;
    const far = (vertex: Vertex) => pixelsBetween(vertex, end, pointer.stepsPerPixel) >= strokeStep;
    const last = line.findLastIndex((vertex, index) => index === 0 || far(vertex));
    return [...line.slice(0, last + 1), end];
  }

  #propose(next: Vertex | null): void {
    const points = next === null || next === this.line.at(-1) ? this.line : [...this.line, next];
    const { selected } = this;
    if (points.length < (this.tool === 'draw' ? 3 : 2)) this.proposal = null;
    else if (this.tool === 'draw') this.proposal = draw(this.plan, points);
    else if (selected !== null && this.tool === 'cut') this.proposal = cut(this.plan, selected, points);
    else if (selected !== null) this.proposal = reshape(this.plan, selected, points);
  }

  #handleAt(pointer: Pointer): Held | null {
    const place = snapTo(this.plan.frame, pointer.at);
    if (place === null || !this.face) return null;
    const vertex = nearestVertex(verticesOf(this.face.shape), place, pointer, 10);
    if (vertex !== null) {
      if (!isLocked(topologyOf(this.plan), vertex)) return { kind: 'vertex', vertex };
      this.refused = { ok: false, reason: 'locked', vertex };
      return null;
    }
    const near = nearestEdge(this.#freeEdges(), place, pointer, 9);
    const middle = near && middleOf(...near.edge);
    if (!near || middle === null || pixelsBetween(middle, place, pointer.stepsPerPixel) > 10) return null;
    return { kind: 'middle', edge: near.edge };
  }

  /** The edges of the selected micro-grid that can be moved. */
  #freeEdges(): Edge[] {
    const topology = topologyOf(this.plan);
    return [...edgesOf(this.face?.shape ?? [])].filter((edge) => !isLockedEdge(topology, ...edge));
  }

  #edgeAt(pointer: Pointer) {
    const place = snapTo(this.plan.frame, pointer.at);
    if (place === null) return null;
    const topology = topologyOf(this.plan);
    const free = topology.edges.filter((edge) => !edge.some((vertex) => isLocked(topology, vertex)));
    return nearestEdge(free, place, pointer, 8);
  }

  #edgeAfterAim(): Edge | undefined {
    return [...edgesOf(this.face?.shape ?? [])].find(([from]) => from === this.aim);
  }

  // Near vertices and edges attract the pointer: those of the selected micro-grid, or of all when drawing.
  #snapped(pointer: Pointer): Vertex | null {
    const { frame, faces } = this.plan;
    const near = this.tool === 'draw' || this.tool === 'reshape' || this.selected === null;
    const among = near ? facesAround(this.plan, pointer.at) : [this.selected ?? ''];
    const moves = this.held && this.held.kind !== 'stroke';
    if (moves || faces.size === 0) return snapTo(frame, pointer.at);
    return snapped(this.plan, pointer, { snap: this.snapping, among });
  }

  #points(pointer: Pointer): Vertex[] {
    const vertex = this.#snapped(pointer);
    return vertex === null ? [] : [vertex];
  }

  #lngLat(vertex: Vertex): { at: LngLat } {
    return { at: lngLatOf(this.plan.frame, vertex) };
  }
}
