import {
  HISTORY_AGE_MAX_MS,
  HISTORY_RECORD_BYTES,
  HISTORY_RECORD_COUNT_MAX,
  readHistoryTimeMs,
  type AppliedEvent,
} from '@veto/domain';
import { decodeRecord } from '@veto/features';
import type { Findings } from './findings';

interface Tally {
  count: number;
  /** Cents of the base currency, of the latest records that a history shows. */
  readonly amounts: number[];
  latestMs: number;
}

/** Where the histories can be read that are to be added up. */
export interface VisibleHistories {
  /** The latest records of an entity, oldest first; empty when it was never seen. */
  visible(key: string): Uint8Array;
}

/** I5: how often and with what amounts each entity was touched, counted beside the histories and without them. */
export class EntityTally {
  readonly #tallies = new Map<string, Tally>();
  #latestMs = 0;

  add({ entityKeys, record }: AppliedEvent): void {
    const { amountBaseMinor } = decodeRecord(record);
    const atMs = readHistoryTimeMs(record);
    this.#latestMs = Math.max(this.#latestMs, atMs);
    for (const key of entityKeys) {
      let tally = this.#tallies.get(key);
      if (tally === undefined) this.#tallies.set(key, (tally = { count: 0, amounts: [], latestMs: 0 }));
      tally.latestMs = Math.max(tally.latestMs, atMs);
      tally.amounts[tally.count % HISTORY_RECORD_COUNT_MAX] = amountBaseMinor;
      tally.count++;
    }
  }

  compare(histories: VisibleHistories, findings: Findings): { entityCount: number; idleCount: number } {
    let idleCount = 0;
    for (const [key, tally] of this.#tallies) {
      const bytes = histories.visible(key);
      if (bytes.length === 0 && tally.latestMs < this.#latestMs - HISTORY_AGE_MAX_MS) {
        idleCount++;
        continue;
      }
      const count = bytes.length / HISTORY_RECORD_BYTES;
      const sum = sumOfAmounts(bytes);
      const countDue = Math.min(tally.count, HISTORY_RECORD_COUNT_MAX);
      const sumDue = tally.amounts.reduce((total, amount) => total + amount, 0);
      if (count !== countDue || sum !== sumDue)
        findings.add(
          'I5',
          'not_conserved',
          key,
          `its history shows ${count} events of ${sum} cents; the log has ${countDue} of ${sumDue}`,
        );
    }
    return { entityCount: this.#tallies.size, idleCount };
  }
}

function sumOfAmounts(bytes: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += HISTORY_RECORD_BYTES)
    sum += decodeRecord(bytes, at).amountBaseMinor;
  return sum;
}
