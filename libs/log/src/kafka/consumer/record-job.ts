import type { Circuit } from './circuit';
import type { ConsumedRecord } from './consumed-record';
import type { Lease } from './lease';

/** The batch that a job belongs to, as far as the job must know it. */
export interface JobOwner {
  /** As the broker calls it. */
  readonly topic: string;
  readonly partition: number;
  readonly lease: Lease;
  readonly circuit: Circuit;
  /** The record is handled, or set aside. */
  finish(index: number): void;
  /** The record was not handled, and is not going to be now: somebody will read it again. */
  drop(): void;
  /** Failures are ours and too many: no more of this partition. */
  breakOff(error: unknown): void;
}

/** One record on its way through the handler. */
export interface RecordJob {
  readonly record: ConsumedRecord;
  readonly owner: JobOwner;
  readonly index: number;
  readonly firstSeenMs: number;
  attempts: number;
}
