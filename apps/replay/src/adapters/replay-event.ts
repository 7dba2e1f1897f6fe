import type { Label, TransactionPayload } from '@veto/domain';

/** What is known about a payment besides what the merchant sent; never an input of anything, only written beside the features. */
export interface Truth {
  readonly fraud: boolean;
  /** How the fraud was done, where the data set says so. */
  readonly pattern: string | null;
}

/** One thing that happens in a data set, in the order in which it happens. */
export type ReplayEvent =
  | {
      readonly type: 'transaction';
      readonly atMs: number;
      readonly payload: TransactionPayload;
      readonly truth: Truth | null;
    }
  | { readonly type: 'label'; readonly atMs: number; readonly label: Label };

/** A data set as a stream of events in time order, in chunks, and how far the file has been read. */
export interface ReplaySource {
  readonly tenantId: string;
  /** Bytes of the file, as stored. */
  readonly bytesTotal: number;
  bytesRead(): number;
  /** @throws Error naming file, row and field where a row cannot be read */
  events(): AsyncIterable<readonly ReplayEvent[]>;
}
