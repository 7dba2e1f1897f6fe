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
      /** The winner's bytes, as they were committed. */
      readonly bytes: Uint8Array;
    };
