// The queue of reports, for staff.
import type { Service } from '../model/city.ts';
import type {
  QueueView,
  ReportDetail,
  StaffReport,
  StageCounts,
  ReportStatistics,
} from '../model/report-queue.ts';
import { OPEN_STAGES, REPORT_STAGES, type ReportStage } from '../model/report.ts';
import { getJson, withQuery, type RequestOptions } from './http.ts';
import { send } from './send.ts';
import type {
  WireHandlers,
  WireReportCounts,
  WireReportDetail,
  WireReportPage,
  WireReportStatistics,
  WireRiderContact,
  WireStaffReport,
} from './types.ts';

export interface ReportPage {
  reports: StaffReport[];
  total: number;
}

/** The reports that the view asks for, what is due first coming first. */
export async function listReports(
  view: QueueView,
  mine: string,
  options?: RequestOptions,
): Promise<ReportPage> {
  const stage = (view.stage === 'open' ? OPEN_STAGES : [view.stage]).join(',');
  const query = { stage, kind: view.kind, unit: view.unit, station: view.station, limit: 500 };
  const wire = await getJson<WireReportPage>(
    withQuery('/api/reports', {
      ...query,
      overdue: view.overdue || null,
      assignee: view.mine ? mine : null,
    }),
    options,
  );
  return { reports: wire.reports.map(reportOf), total: wire.total };
}

/** The reports that are about a station, and the one that it was made of; at any stage. */
export async function reportsOf(station: string, options?: RequestOptions): Promise<ReportPage> {
  const query = { station, stage: REPORT_STAGES.join(','), limit: 100 };
  const wire = await getJson<WireReportPage>(withQuery('/api/reports', query), options);
  return { reports: wire.reports.map(reportOf), total: wire.total };
}

export async function getReport(id: number, options?: RequestOptions): Promise<ReportDetail> {
  return detailOf(await getJson<WireReportDetail>(addressOf(id), options));
}

export async function countReports(unit: string | null, options?: RequestOptions): Promise<ReportStatistics> {
  const wire = await getJson<WireReportStatistics>(withQuery('/api/reports/statistics', { unit }), options);
  return {
    unit: wire.unit,
    whole: countsOf(wire.whole),
    children: wire.children.map(({ code, name, ...counts }) => ({ code, name, counts: countsOf(counts) })),
  };
}

export interface Handler {
  name: string;
  displayName: string;
}

/** Who may be given a report. */
export async function listHandlers(id: number, options?: RequestOptions): Promise<Handler[]> {
  const { handlers } = await getJson<WireHandlers>(`${addressOf(id)}/handlers`, options);
  return handlers.map(({ name, display_name }) => ({ name, displayName: display_name }));
}

export async function moveReport(
  { id, version }: StaffReport,
  to: ReportStage,
  answer: string,
  note: string,
): Promise<ReportDetail> {
  return change(id, 'move', { version, to, ...(answer && { answer }), ...(note && { note }) });
}

export async function assignReport(
  { id, version }: StaffReport,
  assignee: string,
  dueAt: Date | null,
): Promise<ReportDetail> {
  return change(id, 'assign', { version, assignee, due_at: dueAt?.toISOString() ?? null });
}

/** Lets another report stand for this one; gives the other. */
export async function mergeReport({ id, version }: StaffReport, into: number): Promise<ReportDetail> {
  return change(id, 'merge', { version, into });
}

export interface Planned {
  name: string;
  sponsor: string;
  address: string;
}

/** Makes a planned station of a suggestion. */
export async function convertReport(
  { id, version }: StaffReport,
  { address, ...planned }: Planned,
  answer: string,
): Promise<ReportDetail> {
  return change(id, 'convert', { version, answer, ...planned, ...(address && { address }) });
}

/** How to reach the rider; the audit trail keeps the reason. */
export async function revealRider(id: number, reason: string): Promise<string> {
  const answer = await send<WireRiderContact>(`${addressOf(id)}/reveal`, {
    method: 'POST',
    body: { reason },
  });
  return answer.value.contact;
}

async function change(id: number, what: string, body: unknown): Promise<ReportDetail> {
  const { value } = await send<WireReportDetail>(`${addressOf(id)}/${what}`, { method: 'POST', body });
  return detailOf(value);
}

function addressOf(id: number): string {
  return `/api/reports/${String(id)}`;
}

function reportOf(wire: WireStaffReport): StaffReport {
  const [lng = 0, lat = 0] = wire.location;
  return {
    id: wire.id,
    kind: wire.kind,
    topic: wire.topic as StaffReport['topic'],
    station: wire.station,
    location: [lng, lat],
    community: wire.community,
    services: wire.services as Service[],
    text: wire.text,
    photo: wire.photo,
    hasContact: wire.has_contact,
    createdAt: new Date(wire.created_at),
    stage: wire.stage,
    movedAt: new Date(wire.moved_at),
    dueAt: wire.due_at ? new Date(wire.due_at) : null,
    overdue: wire.overdue,
    assignee: wire.assignee,
    assigneeName: wire.assignee_name ?? wire.assignee,
    answer: wire.answer,
    mergedInto: wire.merged_into,
    result: wire.result,
    weight: wire.weight,
    version: wire.version,
  };
}

function detailOf(wire: WireReportDetail): ReportDetail {
  return {
    ...reportOf(wire),
    steps: wire.steps.map(({ at, stage, actor_name, ...step }) => ({
      ...step,
      actorName: actor_name ?? step.actor,
      stage: stage as ReportStage,
      at: new Date(at),
    })),
    moves: wire.moves.map(({ to, answer }) => ({ to: to as ReportStage, answer })),
    merged: wire.merged.map(reportOf),
    duplicates: wire.duplicates.map(reportOf),
  };
}

function countsOf(wire: WireReportCounts): StageCounts {
  const { called, collected, handled, converted, declined, merged, total, overdue } = wire;
  return { called, collected, handled, converted, declined, merged, total, overdue };
}
