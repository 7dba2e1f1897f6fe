import type { Message } from 'kafkajs';
import type { MessageHeaders } from '../kafkajs-names';
import { headerText } from './consumed-record';
import type { RecordPlace } from './trouble';

/** Where records go that no attempt could handle, as they were, with the reason beside them. */
export const DEAD_LETTER_TOPIC = 'veto.dead-letters.v1';

export type DeadLetterClass =
  /** The record is wrong. */
  | 'bad'
  /** We failed at it, several times. */
  | 'failed'
  /** A whole batch that could not be unpacked; the value is the batch as it lay on the broker. */
  | 'undecodable';

/** A record that was set aside. */
export interface DeadLetter {
  readonly place: RecordPlace;
  /** Of several records that were set aside as one: the last of them. Otherwise the record's own. */
  readonly lastOffset: number;
  readonly class: DeadLetterClass;
  /** What and where; never a value out of the record. */
  readonly reason: string;
  readonly attempts: number;
  readonly firstSeenMs: number;
  /** The record's own, untouched. The value is null too when it was too large to be set aside; see `valueOmittedBytes`. */
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<MessageHeaders>;
}

/** Who set it aside. */
export interface DeadLetterOrigin {
  readonly service: string;
  readonly build: string;
}

export interface StoredDeadLetter extends DeadLetter, DeadLetterOrigin {
  /** Size of a value that no dead letter can hold; it lies where `place` says for as long as that topic keeps it. */
  readonly valueOmittedBytes: number | null;
}

const PREFIX = 'dlq.';
/** Put on what is produced again, and kept on it when it fails again. */
export const REDRIVEN_FROM_HEADER = 'dlq.redriven-from';

/** The record to produce: the original bytes, the original headers and `dlq.…`. */
export function encodeDeadLetter(
  letter: DeadLetter,
  origin: DeadLetterOrigin,
): Message & { headers: MessageHeaders } {
  return {
    key: letter.key,
    value: letter.value,
    headers: {
      ...letter.headers,
      'dlq.reason': letter.reason,
      'dlq.class': letter.class,
      'dlq.topic': letter.place.topic,
      'dlq.partition': String(letter.place.partition),
      'dlq.offset': String(letter.place.offset),
      ...(letter.lastOffset !== letter.place.offset && { 'dlq.last_offset': String(letter.lastOffset) }),
      'dlq.attempts': String(letter.attempts),
      'dlq.service': origin.service,
      'dlq.build': origin.build,
      'dlq.first_seen': String(letter.firstSeenMs),
    },
  };
}

/** The same without its value, for one that the topic does not take. */
export function withoutValue(
  message: Message & { headers: MessageHeaders },
): Message & { headers: MessageHeaders } {
  const bytes = message.value === null ? 0 : Buffer.byteLength(message.value);
  return {
    ...message,
    value: null,
    headers: { ...message.headers, 'dlq.value_omitted_bytes': String(bytes) },
  };
}

/** @returns null when the record has not the headers of a dead letter */
export function decodeDeadLetter(message: {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers?: MessageHeaders | undefined;
}): StoredDeadLetter | null {
  const headers = message.headers ?? {};
  const text = (name: string): string | null => headerText(headers, PREFIX + name);
  const topic = text('topic');
  const partition = numberOf(text('partition'));
  const offset = numberOf(text('offset'));
  const letterClass = classOf(text('class'));
  if (topic === null || partition === null || offset === null || letterClass === null) return null;
  return {
    place: { topic, partition, offset },
    lastOffset: numberOf(text('last_offset')) ?? offset,
    class: letterClass,
    reason: text('reason') ?? '',
    attempts: numberOf(text('attempts')) ?? 0,
    firstSeenMs: numberOf(text('first_seen')) ?? 0,
    service: text('service') ?? '',
    build: text('build') ?? '',
    valueOmittedBytes: numberOf(text('value_omitted_bytes')),
    key: message.key,
    value: message.value,
    headers: originalHeaders(headers),
  };
}

function originalHeaders(headers: MessageHeaders): MessageHeaders {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !name.startsWith(PREFIX) || name === REDRIVEN_FROM_HEADER),
  );
}

function classOf(text: string | null): DeadLetterClass | null {
  return text === 'bad' || text === 'failed' || text === 'undecodable' ? text : null;
}

function numberOf(text: string | null): number | null {
  if (text === null || !/^\d+$/.test(text)) return null;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : null;
}
