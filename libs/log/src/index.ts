export { kafkaClient, type KafkaClientOptions, type KafkaLogEntry } from './kafka/kafka-client';
export type { KafkaConnection, KafkaLogin, KafkaTls } from './kafka/kafka-connection';
export { KAFKA_SECURITY_VARIABLES, readKafkaSecurity } from './kafka/kafka-security';
export { refusalOf } from './kafka/kafka-refusal';
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
export { DEAD_LETTER_TOPIC, type DeadLetterClass, type StoredDeadLetter } from './kafka/consumer/dead-letter';
export {
  readDeadLetter,
  readDeadLetters,
  redriveDeadLetter,
  type DeadLettersOptions,
  type DeadLetterSummary,
} from './kafka/consumer/dead-letters';
export { undecodableBatch, type UndecodableBatch } from './kafka/codecs/undecodable-batch';
export { createMemoryLog, type MemoryLogOptions } from './memory-event-log';
export { openSegmentLog, type SegmentLogOptions } from './segment/segment-event-log';
export type { TornTail } from './segment/segment-directory';
export { tail, type TailGap, type TailOptions } from './tail';
export { verifySegmentLog, type SegmentLogReport } from './segment/verify-segment-log';
export { applyTopics, type AppliedTopics, type ApplyTopicsOptions } from './kafka/topics/apply-topics';
export { TOPIC_SPECS, type TopicSpec } from './kafka/topics/topic-specs';
export { COPIED_TOPICS, openKafkaLog, type KafkaLog, type KafkaLogOptions } from './kafka/kafka-event-log';
export type { KafkaTrouble } from './kafka/kafka-trouble';
export { partitionOfKey } from './kafka/partition-of-key';
export { scanKafka, type ScanKafkaOptions, type ScannedRecord } from './kafka/scan-kafka';
export { fetchKafkaCut } from './kafka/fetch-kafka-cut';
export { openKafkaAppender, type KafkaAppender, type KafkaAppenderOptions } from './kafka/kafka-appender';
export type { DatedLogRecord } from './stored-record';
export { KafkaWriter, type KafkaWriterOptions } from './kafka/write/kafka-writer';
export type { WriteAheadFile } from './kafka/write/spool';
export type { RoutedRecord } from './kafka/log-message';
