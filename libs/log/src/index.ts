export { kafkaClient, type KafkaClientOptions, type KafkaLogEntry } from './kafka/kafka-client';
export {
  startConsumer,
  type ConsumerOptions,
  type ConsumerStatus,
  type ConsumerTimings,
  type RunningConsumer,
} from './kafka/consumer/start-consumer';
export {
  BadRecord,
  headerText,
  type ConsumedRecord,
  type RecordHandler,
  type RecordOutcome,
} from './kafka/consumer/consumed-record';
export type { ConsumerTrouble, RecordPlace } from './kafka/consumer/trouble';
export type { PartitionLag } from './kafka/consumer/partition-lag';
export { DEAD_LETTER_TOPIC } from './kafka/consumer/dead-letter';
export { undecodableBatch, type UndecodableBatch } from './kafka/codecs/undecodable-batch';
export { createMemoryLog, type MemoryLogOptions } from './memory-event-log';
export { openSegmentLog, type SegmentLogOptions } from './segment/segment-event-log';
export type { TornTail } from './segment/segment-directory';
export { tail, type TailGap, type TailOptions } from './tail';
export { verifySegmentLog, type SegmentLogReport } from './segment/verify-segment-log';
