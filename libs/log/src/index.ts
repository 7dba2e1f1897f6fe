export { kafkaClient, type KafkaClientOptions, type KafkaLogEntry } from './kafka/kafka-client';
export { undecodableBatch, type UndecodableBatch } from './kafka/codecs/undecodable-batch';
export { createMemoryLog, type MemoryLogOptions } from './memory-event-log';
export { openSegmentLog, type SegmentLogOptions } from './segment/segment-event-log';
export type { TornTail } from './segment/segment-directory';
export { tail, type TailGap, type TailOptions } from './tail';
export { verifySegmentLog, type SegmentLogReport } from './segment/verify-segment-log';
