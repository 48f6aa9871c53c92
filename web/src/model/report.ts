// What riders report: problems, confirmations and suggestions, and the stages that they go through.
import type { LngLat } from '../geo/distance.ts';
import type { Service } from './city.ts';

export const REPORT_KINDS = ['problem', 'confirmation', 'suggestion'] as const;
export type ReportKind = (typeof REPORT_KINDS)[number];

export const REPORT_TOPICS = ['closed', 'no_hot_water', 'no_heat', 'wrong_place', 'other'] as const;
export type ReportTopic = (typeof REPORT_TOPICS)[number];

/** 征集, 收集, 办理, 转化, and the two ways out of them. */
export const REPORT_STAGES = ['called', 'collected', 'handled', 'converted', 'declined', 'merged'] as const;
export type ReportStage = (typeof REPORT_STAGES)[number];

export const OPEN_STAGES: readonly ReportStage[] = ['called', 'collected', 'handled'];

/** What a rider has to say; the server gets this, and nothing else. */
export interface NewReport {
  readonly kind: ReportKind;
  readonly topic?: ReportTopic;
  readonly station?: string;
  /** Only where the rider chose to send a place. */
  readonly location?: LngLat;
  readonly services?: readonly Service[];
  readonly text?: string;
  readonly contact?: string;
  /** A JPEG in base64. */
  readonly photo?: string;
}

/** What a rider is told of a report. */
export interface RiderReport {
  readonly code: string;
  readonly stage: ReportStage;
  readonly merged: boolean;
  readonly answer: string;
  readonly movedAt: Date;
  readonly dueAt: Date | null;
  /** The station that is planned now. */
  readonly result: string | null;
  /** A confirmation that counted. */
  readonly renewed: boolean;
}

/** A place as it is sent: to some ten metres, which is enough to find it. */
export function roughly([lng, lat]: LngLat): LngLat {
  return [Number(lng.toFixed(4)), Number(lat.toFixed(4))];
}

/** A key that nobody else makes. Pages without https have no randomUUID. */
export function makeKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
