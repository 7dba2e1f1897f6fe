import { VetoError, type Clock } from '@veto/domain';
import { Partitioners, type Kafka, type KafkaMessage } from 'kafkajs';
import { kafkaClient } from '../kafka-client';
import type { KafkaConnection } from '../kafka-connection';
import { kafkaFailure, refusalOf } from '../kafka-refusal';
import type { MessageHeaders } from '../kafkajs-names';
import { headerText } from './consumed-record';
import {
  DEAD_LETTER_TOPIC,
  decodeDeadLetter,
  REDRIVEN_FROM_HEADER,
  type StoredDeadLetter,
} from './dead-letter';
import { readToEnd } from './read-to-end';
import type { RecordPlace } from './trouble';

export interface DeadLettersOptions extends KafkaConnection {
  readonly clientId: string;
  /** Before the name of every topic; for tests. */
  readonly topicPrefix?: string;
}

/** A dead letter without its bytes, as a list shows it. */
export interface DeadLetterSummary extends Omit<StoredDeadLetter, 'value' | 'headers'> {
  /** `topic/partition/offset` of the record that was set aside. */
  readonly id: string;
  readonly valueBytes: number | null;
  /** When it was last produced again, ms since epoch; null = never. */
  readonly redrivenAtMs: number | null;
}

const REDRIVEN_AT_HEADER = 'dlq.redriven_at';

/** Every record that was set aside and is still kept, each once, oldest first. */
export async function readDeadLetters(options: DeadLettersOptions): Promise<readonly DeadLetterSummary[]> {
  const letters = new Map<string, DeadLetterSummary>();
  const redrivenAtMs = new Map<string, number>();
  await scan(kafkaClient(options), options, (message) => {
    const mark = decodeMark(message);
    if (mark !== null) redrivenAtMs.set(mark.id, mark.atMs);
    const letter = decodeDeadLetter(message);
    if (letter === null) return;
    const id = deadLetterId(letter.place);
    // Written twice when a consumer died between that and its commit.
    if (letters.has(id)) return;
    const { value, headers: _headers, ...rest } = letter;
    letters.set(id, {
      ...rest,
      id,
      valueBytes: value?.length ?? letter.valueOmittedBytes,
      redrivenAtMs: null,
    });
  });
  return [...letters.values()]
    .map((letter) => ({ ...letter, redrivenAtMs: redrivenAtMs.get(letter.id) ?? null }))
    .toSorted((left, right) => left.firstSeenMs - right.firstSeenMs);
}

/** One of them with its bytes; null when there is none by that id. */
export async function readDeadLetter(
  options: DeadLettersOptions,
  id: string,
): Promise<StoredDeadLetter | null> {
  let found: StoredDeadLetter | null = null;
  await scan(kafkaClient(options), options, (message) => {
    const letter = decodeDeadLetter(message);
    if (letter !== null && deadLetterId(letter.place) === id) found ??= letter;
  });
  return found;
}

/**
 * Produces a record that was set aside once more: its own bytes and headers, to the topic and partition where it was,
 * with a header that says where it comes from. Then the list says so. Doing it twice is harmless wherever records may be
 * delivered twice, which is everywhere.
 * @throws VetoError not_found | invalid_request when what was set aside is not a record with its bytes
 */
export async function redriveDeadLetter(
  options: DeadLettersOptions & { readonly clock: Clock },
  id: string,
): Promise<StoredDeadLetter> {
  const letter = await readDeadLetter(options, id);
  if (letter === null) throw new VetoError('not_found', `there is no dead letter ${id}`);
  if (letter.class === 'undecodable' || letter.valueOmittedBytes !== null) {
    throw new VetoError('invalid_request', `${id}: the record's own bytes are not in the dead letter`);
  }
  const producer = kafkaClient(options).producer({
    allowAutoTopicCreation: false,
    createPartitioner: Partitioners.DefaultPartitioner,
  });
  await producer.connect();
  try {
    await producer.send({ topic: letter.place.topic, acks: -1, messages: [redriven(letter, id)] });
    await producer.send({
      topic: (options.topicPrefix ?? '') + DEAD_LETTER_TOPIC,
      acks: -1,
      messages: [{ key: letter.key, value: null, partition: 0, headers: markOf(id, options.clock.nowMs()) }],
    });
  } finally {
    await producer.disconnect();
  }
  return letter;
}

/** How a person names a dead letter. */
export function deadLetterId({ topic, partition, offset }: RecordPlace): string {
  return `${topic}/${partition}/${offset}`;
}

function redriven(
  { key, value, headers, place: { partition } }: StoredDeadLetter,
  id: string,
): { key: Buffer | null; value: Buffer | null; partition: number; headers: MessageHeaders } {
  return { key, value, partition, headers: { ...headers, [REDRIVEN_FROM_HEADER]: id } };
}

function markOf(id: string, atMs: number): MessageHeaders {
  return { [REDRIVEN_FROM_HEADER]: id, [REDRIVEN_AT_HEADER]: String(atMs) };
}

function decodeMark({ headers = {} }: KafkaMessage): { readonly id: string; readonly atMs: number } | null {
  const id = headerText(headers, REDRIVEN_FROM_HEADER);
  const atMs = headerText(headers, REDRIVEN_AT_HEADER);
  return id === null || atMs === null ? null : { id, atMs: Number(atMs) };
}

async function scan(
  kafka: Kafka,
  options: DeadLettersOptions,
  onMessage: (message: KafkaMessage) => void,
): Promise<void> {
  try {
    await readToEnd(kafka, (options.topicPrefix ?? '') + DEAD_LETTER_TOPIC, (batch) => {
      for (const message of batch.messages) onMessage(message);
    });
  } catch (error) {
    throw refusalOf(error) === null ? error : kafkaFailure(error, 'dead letters cannot be read');
  }
}
