import {
  evolveCase,
  newCase,
  UNDO_WINDOW_MS,
  type Alert,
  type CaseEvent,
  type CaseState,
  type DecisionDetail,
} from '@veto/domain';
import type { DeskApi } from '../desk/desk-api';
import { ProblemError } from '../desk/problem-error';

type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
type EventBody = Without<
  CaseEvent,
  'tenant_id' | 'decision_id' | 'transaction_id' | 'version' | 'at_ms' | 'analyst'
>;

/** The server's side of the cases, folded by the domain's own `evolveCase`. For tests of what the console does with it. */
export class DeskInMemory {
  readonly cases = new Map<string, CaseState>();
  /** Every event that was accepted, in order. */
  readonly events: CaseEvent[] = [];
  nowMs = 1_000_000;
  isReachable = true;
  /** Replies wait until `release` when set. */
  #gate: Promise<void> = Promise.resolve();

  constructor(private readonly alerts: readonly Alert[]) {
    for (const { decisionId } of alerts) this.cases.set(decisionId, newCase(decisionId));
  }

  readonly api: Pick<DeskApi, 'act' | 'undo' | 'decision'> = {
    act: (decisionId, action) =>
      this.#answer(decisionId, action.expected_version, 'Ana Ruiz', {
        type: 'case_decided',
        outcome: action.outcome,
        reason: action.reason,
        note: action.note ?? null,
        list_entry_id: action.block_card ? 'le_card' : null,
        effective_at_ms: this.nowMs + UNDO_WINDOW_MS,
      }),
    undo: async (decisionId, expectedVersion) => {
      const state = this.cases.get(decisionId);
      if (state?.effectiveAtMs != null && this.nowMs >= state.effectiveAtMs)
        throw refusal(409, 'undo_expired');
      return this.#answer(decisionId, expectedVersion, 'Ana Ruiz', {
        type: 'case_undone',
        undoes_version: expectedVersion,
      });
    },
    decision: async (decisionId) => {
      await this.#gate;
      const alert = this.alerts.find((each) => each.decisionId === decisionId);
      // The console asks for the alert and the case here, and for nothing else.
      return { alert, case: this.cases.get(decisionId) } as unknown as DecisionDetail;
    },
  };

  /** Holds every reply back. @returns the way to let them go */
  hold(): () => void {
    let release: () => void = () => undefined;
    this.#gate = new Promise((resolve) => {
      release = resolve;
    });
    return release;
  }

  apply(decisionId: string, name: string, body: EventBody): CaseState {
    const before = this.cases.get(decisionId) ?? newCase(decisionId);
    const event = {
      ...body,
      tenant_id: 't',
      decision_id: decisionId,
      transaction_id: 'ord',
      version: before.version + 1,
      at_ms: this.nowMs,
      analyst: { id: name, name },
    } as CaseEvent;
    const after = evolveCase(before, event);
    this.cases.set(decisionId, after);
    this.events.push(event);
    return after;
  }

  async #answer(
    decisionId: string,
    expectedVersion: number,
    name: string,
    body: EventBody,
  ): Promise<CaseState> {
    if (!this.isReachable)
      throw new ProblemError({
        status: 0,
        code: 'unreachable',
        detail: 'The server could not be reached.',
        requestId: null,
      });
    await this.#gate;
    if (this.cases.get(decisionId)?.version !== expectedVersion) throw refusal(409, 'version_conflict');
    return this.apply(decisionId, name, body);
  }
}

function refusal(status: number, code: 'version_conflict' | 'undo_expired'): ProblemError {
  return new ProblemError({ status, code, detail: code, requestId: 'req_1' });
}
