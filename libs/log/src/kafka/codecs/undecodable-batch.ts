import { randomUUID } from 'node:crypto';
import { CodecError, type Codec } from './codec';
import { readVarint, writeVarint } from './varint';

/** A batch of records on the broker that cannot be unpacked: damaged on the way or on the disk. */
export interface UndecodableBatch {
  readonly firstOffset: number;
  readonly lastOffset: number;
  readonly codec: string;
  /** Why, without any of its content. */
  readonly reason: string;
}

interface BatchFrame {
  readonly firstOffset: bigint;
  readonly lastOffsetDelta: number;
  readonly recordCount: number;
  /** The batch as it lies on the broker, header and all. */
  readonly bytes: Buffer;
}

/** Before the packed records, by the protocol: offset, length, epoch, magic, CRC, attributes … number of records. */
const BATCH_HEADER_BYTES = 61;
/** Of these, what the field `length` does not count: the offset and itself. */
const UNCOUNTED_HEADER_BYTES = 12;
const MAGIC = 2;

/** Nobody else can know this name, so that no record on a topic can pass for a marker. */
const MARKER_HEADER = `veto.undecodable.${randomUUID()}`;

/** What a record stands for when it is a marker, see `registerCodecs`; null for a real record. */
export function undecodableBatch(message: {
  readonly headers?: Readonly<Record<string, unknown>>;
}): UndecodableBatch | null {
  const marker = message.headers?.[MARKER_HEADER];
  return Buffer.isBuffer(marker) ? (JSON.parse(marker.toString()) as UndecodableBatch) : null;
}

/**
 * The codec, except that a batch which it cannot unpack becomes as many markers as it had records. The last of them,
 * which every reader of the batch sees, carries the batch's own bytes as its value; the others have none.
 */
export function markUndecodable(name: string, codec: Codec): Codec {
  return {
    compress: (encoder) => codec.compress(encoder),
    decompress: async (packed) => {
      const frame = frameAround(packed);
      try {
        const unpacked = await codec.decompress(packed);
        if (frame !== null) requireRecords(unpacked, frame.recordCount);
        return unpacked;
      } catch (error) {
        if (frame === null) throw error;
        return encodeMarkers(frame, {
          firstOffset: Number(frame.firstOffset),
          lastOffset: Number(frame.firstOffset) + frame.lastOffsetDelta,
          codec: name,
          reason: error instanceof Error ? error.message : 'unknown',
        });
      }
    },
  };
}

/**
 * The batch whose packed records these are. kafkajs hands over a part of the answer that it read, and the batch's header
 * lies just before it; null when it does not, as in the old message format.
 */
function frameAround(packed: Buffer): BatchFrame | null {
  const start = packed.byteOffset - BATCH_HEADER_BYTES;
  if (start < 0) return null;
  const bytes = Buffer.from(packed.buffer, start, BATCH_HEADER_BYTES + packed.length);
  const recordCount = bytes.readInt32BE(57);
  const lastOffsetDelta = bytes.readInt32BE(23);
  const isHeader =
    bytes.readInt8(16) === MAGIC &&
    bytes.readInt32BE(8) === bytes.length - UNCOUNTED_HEADER_BYTES &&
    recordCount > 0 &&
    recordCount <= lastOffsetDelta + 1;
  return isHeader ? { firstOffset: bytes.readBigInt64BE(0), lastOffsetDelta, recordCount, bytes } : null;
}

/** The lengths in front of the records must lead to the end of the buffer: kafkajs would read beyond it. */
function requireRecords(unpacked: Buffer, recordCount: number): void {
  let at = 0;
  for (let index = 0; index < recordCount; index++) {
    const length = readVarint(unpacked, at);
    if (length === null || length.value < 0) throw new CodecError(`record ${index} has no length`);
    at = length.end + length.value;
  }
  if (at !== unpacked.length) {
    throw new CodecError(`${recordCount} records end at ${at}, the batch at ${unpacked.length}`);
  }
}

function encodeMarkers(frame: BatchFrame, batch: UndecodableBatch): Buffer {
  const name = Buffer.from(MARKER_HEADER);
  const value = Buffer.from(JSON.stringify(batch));
  const header = Buffer.concat([
    writeVarint(1),
    writeVarint(name.length),
    name,
    writeVarint(value.length),
    value,
  ]);
  const markers: Buffer[] = [];
  for (let index = 0; index < frame.recordCount; index++) {
    const isLast = index === frame.recordCount - 1;
    const record = Buffer.concat([
      // Attributes and the difference to the batch's first timestamp.
      Buffer.from([0, 0]),
      writeVarint(isLast ? frame.lastOffsetDelta : index),
      writeVarint(-1),
      ...(isLast ? [writeVarint(frame.bytes.length), frame.bytes] : [writeVarint(-1)]),
      header,
    ]);
    markers.push(writeVarint(record.length), record);
  }
  return Buffer.concat(markers);
}
