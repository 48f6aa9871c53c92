// Reports as staff see them, and what of the queue is shown, as the address says it.
import type { LngLat } from '../geo/distance.ts';
import type { Service } from './city.ts';
import {
  REPORT_KINDS,
  REPORT_STAGES,
  type ReportKind,
  type ReportStage,
  type ReportTopic,
} from './report.ts';

export interface StaffReport {
  id: number;
  kind: ReportKind;
  topic: ReportTopic | null;
  station: string | null;
  location: LngLat;
  community: string;
  services: Service[];
  text: string;
  /** The address of the photo. */
  photo: string | null;
  hasContact: boolean;
  createdAt: Date;
  stage: ReportStage;
  movedAt: Date;
  dueAt: Date | null;
  overdue: boolean;
  /** The account that works at it. */
  assignee: string | null;
  /** How its owner is called; the account where that is gone. */
  assigneeName: string | null;
  answer: string;
  mergedInto: number | null;
  result: string | null;
  /** How many reports it stands for, with itself. */
  weight: number;
  version: number;
}

export interface ReportStep {
  at: Date;
  actor: string;
  /** How the owner of the account is called; the account where there is none. */
  actorName: string;
  act: 'sent' | 'renewed' | 'moved' | 'assigned' | 'merged';
  stage: ReportStage;
  note: string;
}

export interface ReportDetail extends StaffReport {
  steps: ReportStep[];
  moves: { to: ReportStage; answer: boolean }[];
  merged: StaffReport[];
  duplicates: StaffReport[];
}

export type StageCounts = Record<ReportStage, number> & { total: number; overdue: number };

export interface ReportStatistics {
  unit: { code: string; name: string };
  whole: StageCounts;
  children: { code: string; name: string; counts: StageCounts }[];
}

export interface QueueView {
  stage: ReportStage | 'open';
  kind: ReportKind | null;
  unit: string | null;
  station: string | null;
  overdue: boolean;
  /** Only what is given to whoever looks. */
  mine: boolean;
  /** The report that is open. */
  report: number | null;
  /** What stands where the list is otherwise. */
  shown: 'list' | 'map' | 'statistics';
}

export function readQueueView(query: URLSearchParams): QueueView {
  const id = Number(query.get('report'));
  const shown = query.get('as');
  return {
    stage: REPORT_STAGES.find((stage) => stage === query.get('stage')) ?? 'open',
    kind: REPORT_KINDS.find((kind) => kind === query.get('kind')) ?? null,
    unit: /^\d{6,12}$/.exec(query.get('unit') ?? '')?.[0] ?? null,
    station: /^[0-9A-Z][0-9A-Z-]{2,31}$/.exec(query.get('station') ?? '')?.[0] ?? null,
    overdue: query.get('overdue') === '1',
    mine: query.get('mine') === '1',
    report: Number.isSafeInteger(id) && id > 0 ? id : null,
    shown: shown === 'map' || shown === 'statistics' ? shown : 'list',
  };
}

export function writeQueueView(view: QueueView, query: URLSearchParams): void {
  if (view.stage !== 'open') query.set('stage', view.stage);
  if (view.kind) query.set('kind', view.kind);
  if (view.unit) query.set('unit', view.unit);
  if (view.station) query.set('station', view.station);
  if (view.overdue) query.set('overdue', '1');
  if (view.mine) query.set('mine', '1');
  if (view.report !== null) query.set('report', String(view.report));
  if (view.shown !== 'list') query.set('as', view.shown);
}
