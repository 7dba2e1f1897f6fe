/** What an operator should know of a log on Kafka. Each is told once, when it begins, not with every repetition. */
export type KafkaTrouble =
  /** Kafka did not take records in time: they go to the write-ahead file. */
  | { readonly kind: 'spooling'; readonly detail: string }
  /** Everything in the write-ahead file is on Kafka. */
  | { readonly kind: 'drained'; readonly recordCount: number }
  /** A whole batch is refused for good by Kafka, and everything later waits behind it in the write-ahead file. */
  | { readonly kind: 'drain_refused'; readonly detail: string }
  /** The local copy cannot be continued at this moment; it is tried again. */
  | { readonly kind: 'copy_behind'; readonly detail: string }
  /** The local copy is fed again. */
  | { readonly kind: 'copy_resumed' }
  /** A record that nobody of ours can have written, and that has no place in a copy. */
  | {
      readonly kind: 'record_skipped';
      readonly partition: string;
      readonly offset: number;
      readonly detail: string;
    }
  /** A batch that nobody can unpack, damaged on the way or on the broker's disk: its records are in no copy. */
  | {
      readonly kind: 'batch_skipped';
      readonly partition: string;
      readonly firstOffset: number;
      readonly lastOffset: number;
      readonly detail: string;
    }
  /** Kafka holds less of a partition than was copied from it: it lost records, or the topic was made anew. */
  | {
      readonly kind: 'log_went_back';
      readonly partition: string;
      readonly copied: number;
      readonly held: number;
    };
