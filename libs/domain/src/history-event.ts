import { invariant } from './errors';
import { HISTORY_RECORD_BYTES } from './history-record';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * What a record of the log means to the state: the store reads bytes and keys, and leaves their meaning to whoever
 * wrote them.
 */
export type HistoryEvent =
  | {
      readonly type: 'begun';
      readonly tenantId: string;
      readonly transactionId: string;
      readonly fingerprint: string;
      readonly entityKeys: readonly string[];
      /** One history record; the store writes the log record's seq into it. */
      readonly record: Uint8Array;
    }
  | {
      readonly type: 'label';
      readonly tenantId: string;
      readonly labelKey: string;
      readonly entityKeys: readonly string[];
      readonly record: Uint8Array;
    }
  | {
      readonly type: 'decided';
      readonly tenantId: string;
      readonly transactionId: string;
      /** Of the body that was decided; left out where the record does not tell. */
      readonly fingerprint?: string;
      /** The winner's bytes, as they were committed. */
      readonly bytes: Uint8Array;
    };

/** What a record of the log does to histories: whose, and with which history record. */
export interface AppliedEvent {
  readonly entityKeys: readonly string[];
  /** One history record of `HISTORY_RECORD_BYTES`. */
  readonly record: Uint8Array;
}

/** The history record, then the entity keys in UTF-8, each followed by a line feed. */
export function packApplied({ entityKeys, record }: AppliedEvent): Uint8Array {
  const keys = encoder.encode(entityKeys.map((key) => `${key}\n`).join(''));
  const packed = new Uint8Array(HISTORY_RECORD_BYTES + keys.length);
  packed.set(record.subarray(0, HISTORY_RECORD_BYTES));
  packed.set(keys, HISTORY_RECORD_BYTES);
  return packed;
}

/** @throws InvariantError when the bytes are too few for a record: they were written by nobody of ours */
export function unpackApplied(packed: Uint8Array): AppliedEvent {
  invariant(packed.length >= HISTORY_RECORD_BYTES, `an applied event of ${packed.length} bytes`);
  const keys = decoder.decode(packed.subarray(HISTORY_RECORD_BYTES));
  return {
    entityKeys: keys.split('\n').slice(0, -1),
    record: packed.slice(0, HISTORY_RECORD_BYTES),
  };
}
