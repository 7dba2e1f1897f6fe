import { TOPICS, type Clock, type Topic } from '@veto/domain';
import type { OpenSegmentWriter } from '../segment/segment-writer';
import type { KafkaClientOptions } from './kafka-client';
import type { KafkaTrouble } from './kafka-trouble';

/** Topics that instances write and follow. Incoming transactions are a matter of the stream door alone. */
export const COPIED_TOPICS: readonly Topic[] = [
  TOPICS.decisions,
  TOPICS.caseEvents,
  TOPICS.labels,
  TOPICS.lists,
  TOPICS.epochs,
];

export interface KafkaLogOptions extends KafkaClientOptions {
  /** Where the local copy and the write-ahead file lie; made when it is not there. One process at a time. */
  readonly directory: string;
  readonly clock: Clock;
  /** Topics that are written and copied; all but the incoming transactions unless said. */
  readonly topics?: readonly Topic[];
  /** Before every topic's name, for tests. */
  readonly topicPrefix?: string;
  /** How batches are compressed; not at all unless said. */
  readonly compression?: 'none' | 'gzip' | 'lz4';
  /** When Kafka has not acknowledged after so long, records are kept in the write-ahead file; 300 ms. */
  readonly slowAfterMs?: number;
  /** When Kafka has not acknowledged after so long, the request counts as lost; 10 s. */
  readonly deadlineMs?: number;
  /** Batches of several callers begin at least so long after one another, unless one is full; 2 ms. */
  readonly batchIntervalMs?: number;
  /** Records that may wait to be acknowledged; 65 536. */
  readonly waitingRecordCountMax?: number;
  /** Bytes that may wait to be acknowledged; 64 MiB. */
  readonly waitingBytesMax?: number;
  /** Bytes that the write-ahead file may take; 8 GiB. */
  readonly spoolBytesMax?: number;
  /** A new file of the copy is begun when the last would grow beyond this; 128 MiB. */
  readonly segmentBytesMax?: number;
  /** Told of what an operator should know. */
  readonly onTrouble?: (trouble: KafkaTrouble) => void;
  /** How the tests see the disk of the write-ahead file fail. */
  readonly openSpoolWriter?: OpenSegmentWriter;
}
