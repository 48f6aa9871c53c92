// Scenarios: kept on the server, or only in the address of the page.
import { parametersOf, type Question } from '../model/question.ts';
import {
  plainEdit,
  readEdit,
  type Comparison,
  type Difference,
  type Edits,
  type PlainEdit,
  type SavedScenario,
  type ScenarioSummary,
} from '../model/scenario.ts';
import { figuresOf } from './client.ts';
import { getJson, withQuery, type RequestOptions } from './http.ts';
import { send } from './send.ts';
import type { WireComparison, WireDifference, WireScenario, WireScenarioPage } from './types.ts';

const scenariosPath = '/api/scenarios';
const addressOf = (id: string) => `${scenariosPath}/${encodeURIComponent(id)}`;

/** The latest scenarios, without their edits. */
export async function listScenarios(options?: RequestOptions): Promise<ScenarioSummary[]> {
  const page = await getJson<WireScenarioPage>(withQuery(scenariosPath, { limit: 50 }), options);
  return page.scenarios.map((wire) => ({ ...summaryOf(wire), editCount: wire.edit_count }));
}

export async function getScenario(id: string, options?: RequestOptions): Promise<SavedScenario> {
  return scenarioOf(await getJson<WireScenario>(addressOf(id), options));
}

interface ToKeep {
  name: string;
  edits: Edits;
  /** The state of the city that it lies over; the present one where it is null. */
  seq: number | null;
}

/** Keeps a new scenario. */
export async function createScenario(scenario: ToKeep): Promise<SavedScenario> {
  const { value } = await send<WireScenario>(scenariosPath, { method: 'POST', body: bodyOf(scenario) });
  return scenarioOf(value);
}

/** Keeps a scenario in the place of one that it was made from. */
export async function replaceScenario(
  { id, version }: { id: string; version: number },
  scenario: ToKeep,
): Promise<SavedScenario> {
  const change = { method: 'PUT', body: bodyOf(scenario), ifMatch: tagOf(version) } as const;
  const { value } = await send<WireScenario>(addressOf(id), change);
  return scenarioOf(value);
}

/** Lays a scenario over the city as it is now. */
export async function rebaseScenario({
  id,
  version,
}: {
  id: string;
  version: number;
}): Promise<SavedScenario> {
  const change = { method: 'POST', ifMatch: tagOf(version) } as const;
  const { value } = await send<WireScenario>(`${addressOf(id)}/rebase`, change);
  return scenarioOf(value);
}

export async function deleteScenario({ id, version }: { id: string; version: number }): Promise<void> {
  await send(addressOf(id), { method: 'DELETE', ifMatch: tagOf(version) });
}

/** What the scenario of a question changes in a unit and those just below it. */
export async function askDifference(
  question: Question,
  { unit }: { unit: string | null },
  options?: RequestOptions,
): Promise<Difference> {
  const { scenario, what_if: whatIf, ...rest } = parametersOf(question);
  const path = scenario === undefined ? `${scenariosPath}/difference` : `${addressOf(scenario)}/difference`;
  const wire = await getJson<WireDifference>(withQuery(path, { ...rest, what_if: whatIf, unit }), options);
  return {
    seq: wire.seq,
    whole: differenceOf(wire, wire.unit),
    parts: wire.children.map((part) => differenceOf(wire, part)),
    gaps: wire.gaps.map((gap) => ({
      kind: gap.kind,
      gained: gap.households_gained,
      lost: gap.households_lost,
    })),
  };
}

/** What is looked at beside something else: the city as it is, or a saved scenario. */
export async function askComparison(
  question: Question,
  { other, unit }: { other: string; unit: string | null },
  options?: RequestOptions,
): Promise<Comparison> {
  const { scenario, what_if: whatIf, ...rest } = parametersOf(question);
  const ids = `${whatIf === undefined ? (scenario ?? 'city') : 'what_if'},${other}`;
  const query = { ...rest, what_if: whatIf, ids, unit };
  const wire = await getJson<WireComparison>(withQuery(`${scenariosPath}/compare`, query), options);
  const turn = (name: { code: string; name: string }, figures: WireDifference['unit']['before']) =>
    figures && figuresOf({ ...name, ...figures }, wire.model);
  return {
    units: wire.units.map(({ code, name, figures: [left, right] }) => ({
      code,
      name,
      left: turn({ code, name }, left ?? null),
      right: turn({ code, name }, right ?? null),
    })),
  };
}

function differenceOf({ model }: WireDifference, { code, name, before, after }: WireDifference['unit']) {
  const turn = (side: typeof before) => side && figuresOf({ code, name, ...side }, model);
  return { code, name, before: turn(before), after: turn(after) };
}

function bodyOf({ name, edits, seq }: ToKeep) {
  return { name, edits: edits.map(plainEdit), ...(seq === null ? {} : { seq }) };
}

function tagOf(version: number): string {
  return `"${String(version)}"`;
}

function scenarioOf(wire: WireScenario): SavedScenario {
  const edits = wire.edits.flatMap((edit) => readEdit(edit as unknown as PlainEdit) ?? []);
  return { ...summaryOf(wire), editCount: edits.length, edits };
}

function summaryOf({ id, name, author, owner, seq, version, updated_at }: Omit<WireScenario, 'edits'>) {
  return { id, name, author, owner, seq, version, updatedAt: new Date(updated_at) };
}
