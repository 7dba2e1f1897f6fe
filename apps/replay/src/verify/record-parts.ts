import {
  HISTORY_RECORD_BYTES,
  HISTORY_SEQ_OFFSET,
  invariant,
  type LogCut,
  type StoredLogRecord,
} from '@veto/domain';

/** Where a record lies, so that it can be told whether it is before a cut. A log in one process is one partition. */
export interface Lying {
  readonly partition: string;
  readonly offset: number;
}

export function lyingOf({ topic, position, source }: StoredLogRecord): Lying {
  if (source === undefined) return { partition: 'log/0', offset: position };
  return { partition: `${topic}/${source.partition}`, offset: source.offset };
}

export function isBefore({ partition, offset }: Lying, cut: LogCut): boolean {
  return offset < (cut[partition] ?? 0);
}

/** For people: the record and where to find it. */
export function whereOf(record: StoredLogRecord): string {
  const { partition, offset } = lyingOf(record);
  return `record ${partition}@${offset}, key ${record.key},`;
}

export function tenantOfKey(key: string): string {
  return key.slice(0, Math.max(0, key.indexOf('|')));
}

const BODY_FROM = Buffer.from(',"decision":{"id":"');
const BODY_AT = ',"decision":'.length;

/**
 * The reply's body out of an automatic decision: its last member, as the bytes lie there. The mark is the codec's own;
 * inside a JSON string its quotes would be escaped.
 */
export function bodyBytesOf(value: Buffer): Buffer {
  const from = value.indexOf(BODY_FROM);
  invariant(from > 0, 'an automatic decision without a body');
  return value.subarray(from + BODY_AT, value.length - 1);
}

const SEQ_END = HISTORY_SEQ_OFFSET + 6;

/** True when two packed events do the same to histories, whatever sequence number is written in them. */
export function isSameApplied(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length || one.length < HISTORY_RECORD_BYTES) return false;
  return isSame(one, other, 0, HISTORY_SEQ_OFFSET) && isSame(one, other, SEQ_END, one.length);
}

/** Orders two packed events by what their records say, whatever sequence number is written in them. */
export function compareApplied(one: Uint8Array, other: Uint8Array): number {
  return (
    Buffer.compare(one.subarray(0, HISTORY_SEQ_OFFSET), other.subarray(0, HISTORY_SEQ_OFFSET)) ||
    Buffer.compare(one.subarray(SEQ_END, HISTORY_RECORD_BYTES), other.subarray(SEQ_END, HISTORY_RECORD_BYTES))
  );
}

function isSame(one: Uint8Array, other: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (one[i] !== other[i]) return false;
  return true;
}

export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
