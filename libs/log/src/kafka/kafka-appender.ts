import { setTimeout as pause } from 'node:timers/promises';
import { invariant, VetoError, type LogRecord, type Topic } from '@veto/domain';
import type { DatedLogRecord } from '../stored-record';
import { kafkaFailure } from './kafka-refusal';
import { kafkaClient, type KafkaClientOptions } from './kafka-client';
import { partitionOfKey } from './partition-of-key';
import { fetchTopicPartitions } from './topics/topic-partitions';
import { KafkaSender } from './write/kafka-sender';

export interface KafkaAppenderOptions extends KafkaClientOptions {
  readonly topics: readonly Topic[];
  readonly topicPrefix?: string;
  readonly compression?: 'none' | 'gzip' | 'lz4';
}

/** Writes records of the log to Kafka as `KafkaLog` does, without a copy to read from and without a write-ahead file. */
export interface KafkaAppender {
  /** Where the record goes: its key decides. */
  partitionOf(record: LogRecord): number;
  /**
   * Resolves when every replica in sync has them. Records may keep the time at which they were first appended.
   * @throws VetoError log_unavailable when Kafka does not take them for some seconds; some may be there all the same
   */
  append(records: readonly DatedLogRecord[]): Promise<void>;
  close(): Promise<void>;
}

const ATTEMPTS_MAX = 5;
const BETWEEN_ATTEMPTS_MS = 500;

/** @throws VetoError configuration_invalid when a topic is missing; log_unavailable when Kafka does not answer */
export async function openKafkaAppender(options: KafkaAppenderOptions): Promise<KafkaAppender> {
  const { topics, topicPrefix = '', compression = 'none' } = options;
  const kafka = kafkaClient(options);
  const admin = kafka.admin();
  try {
    await admin.connect();
    const partitions = await fetchTopicPartitions(admin, topics, topicPrefix);
    const sender = new KafkaSender({ kafka, topicPrefix, compression });
    const partitionOf = ({ topic, key }: LogRecord): number => {
      const count = partitions.get(topic);
      invariant(count !== undefined, `${topic} is not among the topics that are written`);
      return partitionOfKey(key, count);
    };
    return {
      partitionOf,
      append: (records) =>
        sendInOrder(
          sender,
          records.map((record) => ({ record, partition: partitionOf(record) })),
        ),
      close: () => sender.close(),
    };
  } catch (error) {
    if (error instanceof VetoError) throw error;
    throw kafkaFailure(error, 'Kafka does not answer');
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
}

/** What became of a request that failed is not known: the same records are sent again, and readers know them by id. */
async function sendInOrder(sender: KafkaSender, routed: Parameters<KafkaSender['send']>[0]): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await sender.send(routed);
      return;
    } catch (error) {
      if (attempt === ATTEMPTS_MAX) throw error;
      await pause(BETWEEN_ATTEMPTS_MS);
    }
  }
}
