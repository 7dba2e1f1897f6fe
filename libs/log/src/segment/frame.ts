import { crc32 } from 'node:zlib';
import { invariant, TOPICS, type LogRecord, type StoredLogRecord, type Topic } from '@veto/domain';
import { storedRecord } from '../stored-record';

/**
 * One record in a segment file, little-endian:
 *
 *     0  u32  length of what follows byte 8
 *     4  u32  CRC-32 (zlib's) of what follows byte 8, started from `length`
 *     8  u16  magic
 *    10  u8   topic
 *    11  u8   flags: 1 has seq, 2 has epoch, 4 the append goes on in the next record, 8 has an applied event
 *    12  u48  position
 *    18  u48  appendedAtMs
 *    24  u48  seq
 *    30  u32  epoch
 *    34  u16  length of the key
 *    36  key (UTF-8), with flag 8 the length (u32) and bytes of the applied event, then the value to the end
 */
export const FRAME_HEADER_BYTES = 36;
const PREFIX_BYTES = 8;

/** Two bytes that seldom stand in JSON text, so that a search for a frame after damage is quick. */
export const FRAME_MAGIC = Buffer.from([0xf6, 0x4c]);
const MAGIC_U16 = FRAME_MAGIC.readUInt16LE(0);

/** A record's key, applied event and value together may not be longer. */
export const RECORD_BYTES_MAX = 16 * 1024 * 1024;
export const KEY_BYTES_MAX = 0xffff;

const FLAG_SEQ = 1;
const FLAG_EPOCH = 2;
const FLAG_CONTINUES = 4;
const FLAG_APPLIED = 8;
const APPLIED_LENGTH_BYTES = 4;

/**
 * What a copy of the log notes between its records, and no reader sees: how much of the log it holds. It is a topic on
 * disk only, and therefore not one of `TOPICS`.
 */
export const CHECKPOINT_TOPIC = 'veto.copy-checkpoints' as Topic;

/** The number of a topic on disk is its place here; places are never given to another topic, and there are eight. */
const TOPIC_NUMBERS: readonly Topic[] = [
  TOPICS.transactions,
  TOPICS.decisions,
  TOPICS.caseEvents,
  TOPICS.labels,
  TOPICS.lists,
  TOPICS.epochs,
  CHECKPOINT_TOPIC,
];
const NUMBER_OF_TOPIC = new Map<Topic, number>(TOPIC_NUMBERS.map((topic, number) => [topic, number]));

/** A set of topics as bits. */
export function topicMask(topics: readonly Topic[] | undefined): number {
  if (topics === undefined) return 0xff;
  let mask = 0;
  for (const topic of topics) mask |= 1 << topicNumber(topic);
  return mask;
}

function topicNumber(topic: Topic): number {
  const number = NUMBER_OF_TOPIC.get(topic);
  invariant(number !== undefined, `topic ${topic} has no number on disk`);
  return number;
}

/** Bytes that a record takes on disk. @throws InvariantError when it is larger than `RECORD_BYTES_MAX` */
export function frameBytes(record: LogRecord): number {
  const keyBytes = Buffer.byteLength(record.key);
  invariant(keyBytes <= KEY_BYTES_MAX, `log key of ${keyBytes} bytes (at most ${KEY_BYTES_MAX})`);
  const appliedBytes = record.applied === undefined ? 0 : APPLIED_LENGTH_BYTES + record.applied.length;
  const bytes = FRAME_HEADER_BYTES + keyBytes + appliedBytes + record.value.length;
  invariant(
    bytes <= RECORD_BYTES_MAX,
    `log record ${record.key} of ${bytes} bytes (at most ${RECORD_BYTES_MAX})`,
  );
  return bytes;
}

/** Where a record stands in the log. */
export interface FramePlace {
  readonly position: number;
  readonly appendedAtMs: number;
  /** True when the next record belongs to the same append. */
  readonly continues: boolean;
}

/** Writes one frame at `offset`; the buffer has room. @returns the offset after it */
export function encodeFrame(buffer: Buffer, offset: number, record: LogRecord, place: FramePlace): number {
  const keyBytes = buffer.write(record.key, offset + FRAME_HEADER_BYTES);
  const valueAt = writeApplied(buffer, offset + FRAME_HEADER_BYTES + keyBytes, record.applied);
  const end = valueAt + record.value.length;
  const length = end - offset - PREFIX_BYTES;
  let flags = place.continues ? FLAG_CONTINUES : 0;
  if (record.seq !== undefined) flags |= FLAG_SEQ;
  if (record.epoch !== undefined) flags |= FLAG_EPOCH;
  if (record.applied !== undefined) flags |= FLAG_APPLIED;
  buffer.writeUInt16LE(MAGIC_U16, offset + 8);
  buffer[offset + 10] = topicNumber(record.topic);
  buffer[offset + 11] = flags;
  buffer.writeUIntLE(place.position, offset + 12, 6);
  buffer.writeUIntLE(place.appendedAtMs, offset + 18, 6);
  buffer.writeUIntLE(record.seq ?? 0, offset + 24, 6);
  buffer.writeUInt32LE(record.epoch ?? 0, offset + 30);
  buffer.writeUInt16LE(keyBytes, offset + 34);
  buffer.set(record.value, valueAt);
  buffer.writeUInt32LE(length, offset);
  buffer.writeUInt32LE(crc32(buffer.subarray(offset + PREFIX_BYTES, end), length), offset + 4);
  return end;
}

/** @returns the offset after it */
function writeApplied(buffer: Buffer, offset: number, applied: Uint8Array | undefined): number {
  if (applied === undefined) return offset;
  buffer.writeUInt32LE(applied.length, offset);
  buffer.set(applied, offset + APPLIED_LENGTH_BYTES);
  return offset + APPLIED_LENGTH_BYTES + applied.length;
}

/** What `measureFrame` says when the bytes end before the frame does. */
export const FRAME_INCOMPLETE = 0;
/** What `measureFrame` says of bytes that are no frame. */
export const FRAME_BAD = -1;

/** Length in bytes of the whole and undamaged frame at `offset`, or `FRAME_INCOMPLETE`, or `FRAME_BAD`. */
export function measureFrame(buffer: Buffer, offset: number, end: number): number {
  if (end - offset < FRAME_HEADER_BYTES) return FRAME_INCOMPLETE;
  const length = buffer.readUInt32LE(offset);
  if (length < FRAME_HEADER_BYTES - PREFIX_BYTES || length > RECORD_BYTES_MAX) return FRAME_BAD;
  if (buffer.readUInt16LE(offset + 8) !== MAGIC_U16) return FRAME_BAD;
  const frameEnd = offset + PREFIX_BYTES + length;
  if (frameEnd > end) return FRAME_INCOMPLETE;
  const crc = crc32(buffer.subarray(offset + PREFIX_BYTES, frameEnd), length);
  if (crc !== buffer.readUInt32LE(offset + 4)) return FRAME_BAD;
  if (buffer[offset + 10]! >= TOPIC_NUMBERS.length) return FRAME_BAD;
  return PREFIX_BYTES + length;
}

export function framePosition(buffer: Buffer, offset: number): number {
  return buffer.readUIntLE(offset + 12, 6);
}

/** The bit of the frame's topic, as in `topicMask`. */
export function frameTopicBit(buffer: Buffer, offset: number): number {
  return 1 << buffer[offset + 10]!;
}

export function frameContinues(buffer: Buffer, offset: number): boolean {
  return (buffer[offset + 11]! & FLAG_CONTINUES) !== 0;
}

/** Reads a frame that `measureFrame` found whole. The value and the applied event are views of `buffer`. */
export function decodeFrame(buffer: Buffer, offset: number, frameLength: number): StoredLogRecord {
  const flags = buffer[offset + 11]!;
  const keyAt = offset + FRAME_HEADER_BYTES;
  const keyEnd = keyAt + buffer.readUInt16LE(offset + 34);
  const end = offset + frameLength;
  const applied = (flags & FLAG_APPLIED) === 0 ? null : readApplied(buffer, keyEnd);
  const valueAt = applied === null ? keyEnd : keyEnd + APPLIED_LENGTH_BYTES + applied.length;
  const record = {
    topic: TOPIC_NUMBERS[buffer[offset + 10]!]!,
    key: buffer.toString('utf8', keyAt, keyEnd),
    value: new Uint8Array(buffer.buffer, buffer.byteOffset + valueAt, end - valueAt),
    ...((flags & FLAG_SEQ) !== 0 && { seq: buffer.readUIntLE(offset + 24, 6) }),
    ...((flags & FLAG_EPOCH) !== 0 && { epoch: buffer.readUInt32LE(offset + 30) }),
    ...(applied !== null && { applied }),
  };
  return storedRecord(record, framePosition(buffer, offset), buffer.readUIntLE(offset + 18, 6));
}

function readApplied(buffer: Buffer, offset: number): Uint8Array {
  const length = buffer.readUInt32LE(offset);
  return new Uint8Array(buffer.buffer, buffer.byteOffset + offset + APPLIED_LENGTH_BYTES, length);
}
