import { z } from 'zod';
import { OUTCOMES, type Outcome } from './outcome';

/** How long an analyst may take a case action back before its effect leaves, in ms. */
export const UNDO_WINDOW_MS = 10_000;

/** The body of `POST /desk/cases/{decision_id}/actions`. */
export const caseActionSchema = z.strictObject({
  outcome: z.enum(OUTCOMES).exclude(['review']),
  reason: z.string().min(1).max(64).describe('A reason code from the palette: stolen_card, known_customer …'),
  note: z.string().max(2000).optional(),
  /** Also put the payment's card on the block list. */
  block_card: z.boolean().default(false),
  expected_version: z.int().min(0).describe('Version of the case that the analyst saw; another one is a 409'),
});
export type CaseAction = z.infer<typeof caseActionSchema>;

interface CaseEventBase {
  readonly tenant_id: string;
  /** One case per alerting decision; its id is the decision's. */
  readonly decision_id: string;
  readonly transaction_id: string;
  /** Version of the case after this event: 1, 2, 3 … */
  readonly version: number;
  readonly at_ms: number;
  readonly analyst: { readonly id: string; readonly name: string };
}

/** What is on `veto.case-events.v1`. Append-only; the state of a case is the fold of its events. */
export type CaseEvent = CaseEventBase &
  (
    | {
        readonly type: 'case_decided';
        readonly outcome: Exclude<Outcome, 'review'>;
        readonly reason: string;
        readonly note: string | null;
        readonly list_entry_id: string | null;
        /** The revision of the decision is appended at this time, unless undone before. */
        readonly effective_at_ms: number;
      }
    | { readonly type: 'case_undone'; readonly undoes_version: number }
    | { readonly type: 'case_effected'; readonly decided_version: number; readonly decision_version: number }
    | { readonly type: 'case_claimed'; readonly until_ms: number }
    | { readonly type: 'case_released' }
  );

export type CaseStatus = 'open' | 'deciding' | 'closed';

/** The fold of a case's events. */
export interface CaseState {
  readonly decisionId: string;
  readonly version: number;
  readonly status: CaseStatus;
  readonly outcome: Exclude<Outcome, 'review'> | null;
  readonly reason: string | null;
  readonly note: string | null;
  readonly listEntryId: string | null;
  readonly decidedBy: string | null;
  readonly decidedAtMs: number | null;
  readonly effectiveAtMs: number | null;
  readonly claimedBy: string | null;
  readonly claimedUntilMs: number | null;
}

/** A case nobody touched. */
export function newCase(decisionId: string): CaseState {
  return {
    decisionId,
    version: 0,
    status: 'open',
    outcome: null,
    reason: null,
    note: null,
    listEntryId: null,
    decidedBy: null,
    decidedAtMs: null,
    effectiveAtMs: null,
    claimedBy: null,
    claimedUntilMs: null,
  };
}

/** Applies one event. Total: an event that does not fit (stale version) leaves the case as it is, on every instance alike. */
export function evolveCase(state: CaseState, event: CaseEvent): CaseState {
  if (event.version !== state.version + 1) return state;
  const next = { ...state, version: event.version };
  switch (event.type) {
    case 'case_decided':
      return {
        ...next,
        status: 'deciding',
        outcome: event.outcome,
        reason: event.reason,
        note: event.note,
        listEntryId: event.list_entry_id,
        decidedBy: event.analyst.name,
        decidedAtMs: event.at_ms,
        effectiveAtMs: event.effective_at_ms,
      };
    case 'case_undone':
      return {
        ...next,
        status: 'open',
        outcome: null,
        reason: null,
        note: null,
        listEntryId: null,
        decidedBy: null,
        decidedAtMs: null,
        effectiveAtMs: null,
      };
    case 'case_effected':
      return { ...next, status: 'closed' };
    case 'case_claimed':
      return { ...next, claimedBy: event.analyst.name, claimedUntilMs: event.until_ms };
    case 'case_released':
      return { ...next, claimedBy: null, claimedUntilMs: null };
  }
}
