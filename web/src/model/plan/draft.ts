// Work that is not saved yet, as it is kept on the device.
import type { Face, GridFeature, Plan } from './plan.ts';

export const DRAFT_FORMAT = 1;

export interface Draft {
  readonly format: typeof DRAFT_FORMAT;
  readonly community: string;
  /** Milliseconds since 1970. */
  readonly savedAt: number;
  /** Who drew it: it is offered to nobody else. */
  readonly account: string;
  /** What the server had when the work began. */
  readonly base: readonly GridFeature[];
  readonly faces: readonly Face[];
  readonly frame: Plan['frame'];
  readonly serial: number;
  readonly steps: number;
}

export interface DraftOf {
  readonly account: string;
  readonly savedAt: number;
  readonly base: Iterable<GridFeature>;
  readonly plan: Plan;
  readonly steps: number;
}

export function draftOf({ account, savedAt, base, plan, steps }: DraftOf): Draft {
  const { community, frame, serial } = plan;
  const faces = [...plan.faces.values()];
  return { format: DRAFT_FORMAT, community, savedAt, account, base: [...base], faces, frame, serial, steps };
}

/** The plan of a draft; null for what an older or newer page has written. */
export function planOfDraft(draft: Draft): Plan | null {
  if ((draft.format as number) !== DRAFT_FORMAT) return null;
  const { community, frame, serial, faces } = draft;
  return { community, frame, serial, faces: new Map(faces.map((face) => [face.code, face])) };
}
