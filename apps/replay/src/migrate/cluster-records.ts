import { historyEventOf } from '@veto/decision';
import { packApplied, TOPICS, type StoredLogRecord } from '@veto/domain';
import type { DatedLogRecord } from '@veto/log';

/** A payment that was received and not decided when the log was read to its end. */
export interface Orphan {
  readonly id: string;
  readonly seq: number;
}

interface Place {
  readonly epoch: number;
  readonly seq: number;
  readonly applied: Uint8Array;
}

const AUTOMATIC = '{"schema":"decision.v1"';

/**
 * A log in one process as a cluster's: every value byte for byte, at the time it was appended. The journal of received payments stays behind, for in
 * a cluster a decision says by itself where its place is and what it does to histories.
 */
export class ClusterRecords {
  readonly #begun = new Map<string, Place>();
  #lastSeq = 0;
  #lastEpoch = 0;

  /** What the next records of the log become, in order. */
  take(records: readonly StoredLogRecord[]): DatedLogRecord[] {
    return records.flatMap((record) => {
      this.#lastSeq = Math.max(this.#lastSeq, record.seq ?? 0);
      this.#lastEpoch = Math.max(this.#lastEpoch, record.epoch ?? 0);
      return this.#recordOf(record);
    });
  }

  #recordOf(record: StoredLogRecord): DatedLogRecord[] {
    const { topic, key, value, appendedAtMs } = record;
    switch (topic) {
      case TOPICS.transactions:
        this.#begin(record);
        return [];
      case TOPICS.decisions:
        return [{ topic, key, value, appendedAtMs, ...this.#placeOf(record) }];
      case TOPICS.labels:
        return [{ topic, key, value, appendedAtMs, ...labelPlaceOf(record) }];
      default:
        return [{ topic, key, value, appendedAtMs }];
    }
  }

  #begin(record: StoredLogRecord): void {
    const event = historyEventOf(record);
    if (event?.type !== 'begun' || record.seq === undefined) return;
    const { seq, epoch = 1 } = record;
    this.#begun.set(`${event.tenantId}|${event.transactionId}`, { epoch, seq, applied: packApplied(event) });
  }

  #placeOf({ key, value, seq, epoch, applied }: StoredLogRecord): Place | null {
    if (Buffer.from(value.buffer, value.byteOffset, AUTOMATIC.length).toString('latin1') !== AUTOMATIC)
      return null;
    const begun = this.#begun.get(key) ?? null;
    this.#begun.delete(key);
    return seq === undefined || epoch === undefined || applied === undefined
      ? begun
      : { seq, epoch, applied };
  }

  /** Payments that were received and never decided. */
  get orphans(): readonly Orphan[] {
    return [...this.#begun].map(([id, { seq }]) => ({ id, seq }));
  }

  /** The highest place that was given out. */
  get last(): { readonly epoch: number; readonly seq: number } {
    return { epoch: this.#lastEpoch, seq: this.#lastSeq };
  }
}

function labelPlaceOf(record: StoredLogRecord): Place | null {
  const event = historyEventOf(record);
  const { seq, epoch = 1, applied } = record;
  if (event?.type !== 'label' || seq === undefined) return null;
  return { epoch, seq, applied: applied ?? packApplied(event) };
}
