import type { Failure } from './classify-failure';

/** Where a record lies; the topic as the broker calls it. */
export interface RecordPlace {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/** What a consumer tells about what went wrong, and about it being over. None of it stops the consumer. */
export type ConsumerTrouble =
  /** Something does not answer; records wait. Once for each stretch of waiting. */
  | { readonly kind: 'waiting'; readonly reason: string; readonly error: unknown }
  | { readonly kind: 'waiting_over'; readonly waitedMs: number }
  | {
      readonly kind: 'dead_letter';
      readonly place: RecordPlace;
      readonly failure: Failure;
      readonly error: unknown;
    }
  | {
      readonly kind: 'undecodable_batch';
      readonly place: RecordPlace;
      readonly lastOffset: number;
      readonly reason: string;
    }
  | {
      readonly kind: 'circuit_open';
      readonly topic: string;
      readonly partition: number;
      readonly error: unknown;
    }
  | { readonly kind: 'circuit_closed'; readonly topic: string; readonly partition: number }
  | { readonly kind: 'commit_failed'; readonly error: unknown }
  /** The connection was made anew: it had crashed, or fetched nothing for too long. */
  | { readonly kind: 'rebuilt'; readonly reason: string; readonly isBrokerAway: boolean };
