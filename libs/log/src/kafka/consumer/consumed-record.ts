import type { MessageHeaders } from '../kafkajs-names';

/** A record as a consumer hands it to its handler. Its bytes are as they lie on the broker. */
export interface ConsumedRecord {
  /** Without the prefix that a test puts before it. */
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** When the record was made or taken, as the topic is configured; ms since epoch. */
  readonly timestampMs: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<MessageHeaders>;
  /**
   * True once the partition may be another member's: what is not yet done for this record is better left to it. It is a
   * hint, not a lock; whatever is done all the same must be harmless when it is done twice.
   */
  readonly isStale: () => boolean;
}

/** The record itself is wrong, and will be at every attempt. It goes to the dead letters with `reason`. */
export class BadRecord extends Error {
  override readonly name = 'BadRecord';

  /** @param reason a sentence or a code; it becomes a header, so it never carries a value out of the record */
  constructor(readonly reason: string) {
    super(reason);
  }
}

/** What a handler says about one record of several: nothing when it is done, else what it would have thrown for it alone. */
export type RecordOutcome = Error | undefined;

/** What is done with records. Nothing that it throws stops the consumer; see `RecordSafety`. */
export type RecordHandler =
  | {
      /** One record at a time for each key, different keys side by side. */
      readonly eachRecord: (record: ConsumedRecord) => Promise<void>;
      /** How many at once. Default 32. */
      readonly concurrencyMax?: number;
    }
  | {
      /**
       * Small batches, handed over in the order of each partition. What is returned belongs to the records by position,
       * and one that is missing there is done: `[]` = all are.
       */
      readonly eachBatch: (records: readonly ConsumedRecord[]) => Promise<readonly RecordOutcome[]>;
      /** Default 32. */
      readonly batchRecordCountMax?: number;
      /** How many batches at once. Default 2. */
      readonly batchesInFlightMax?: number;
    };

/** The text of a header, null without it; of several with one name, the last. */
export function headerText(headers: Readonly<MessageHeaders>, name: string): string | null {
  const found = headers[name];
  const last = Array.isArray(found) ? found.at(-1) : found;
  return last === undefined ? null : last.toString();
}
