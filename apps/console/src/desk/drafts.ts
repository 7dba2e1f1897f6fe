import type { Alert } from '@veto/domain';
import { defaultReason, type AnalystOutcome } from './reasons';
import { ValueStore } from './value-store';

/** What an analyst has prepared for one alert; survives moving away, a refused action and a conflict. */
export interface Draft {
  readonly reasons: Readonly<Partial<Record<AnalystOutcome, string>>>;
  readonly note: string;
  /** Null = not touched: on for Block when there is a card. */
  readonly blockCard: boolean | null;
}

const NO_DRAFT: Draft = { reasons: {}, note: '', blockCard: null };
/** Drafts kept; the oldest go first. */
const DRAFT_COUNT_MAX = 200;

export class Drafts {
  readonly store = new ValueStore<ReadonlyMap<string, Draft>>(new Map());

  draft(decisionId: string): Draft {
    return this.store.get().get(decisionId) ?? NO_DRAFT;
  }

  change(decisionId: string, change: Partial<Draft>): void {
    this.store.update((drafts) => {
      const next = new Map(drafts);
      next.delete(decisionId);
      next.set(decisionId, { ...this.draft(decisionId), ...change });
      const oldest = next.size > DRAFT_COUNT_MAX ? next.keys().next().value : undefined;
      if (oldest !== undefined) next.delete(oldest);
      return next;
    });
  }

  setReason(decisionId: string, outcome: AnalystOutcome, reason: string): void {
    this.change(decisionId, { reasons: { ...this.draft(decisionId).reasons, [outcome]: reason } });
  }

  /** The reason that one key sends: the chosen one, or the one that the deciding clause suggests. */
  reasonOf(alert: Alert, outcome: AnalystOutcome): string {
    return this.draft(alert.decisionId).reasons[outcome] ?? defaultReason(outcome, alert.topReason);
  }

  /** Whether the card is blocked with the payment. */
  blocksCard(alert: Alert, outcome: AnalystOutcome): boolean {
    if (outcome !== 'block' || alert.card === null) return false;
    return this.draft(alert.decisionId).blockCard ?? true;
  }
}
