import type { MessageHeaders } from '../kafkajs-names';

/** What all records of a batch share, as kafkajs puts it on each. */
export interface BatchContext {
  readonly firstOffset: string;
  readonly firstTimestamp: string;
  readonly partitionLeaderEpoch: number;
  readonly inTransaction: boolean;
  readonly isControlBatch: boolean;
  readonly lastOffsetDelta: number;
  readonly producerId: string;
  readonly producerEpoch: number;
  readonly firstSequence: number;
  readonly maxTimestamp: string;
  /** 0 when the record was made, 1 when the broker took it. */
  readonly timestampType: 0 | 1;
  readonly magicByte: number;
}

/** A record as kafkajs passes it on within itself. */
export interface FetchedMessage {
  readonly magicByte: number;
  readonly attributes: number;
  readonly timestamp: string;
  readonly offset: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: MessageHeaders;
  readonly isControlRecord: boolean;
  readonly batchContext: BatchContext;
}

/** Reads the records of one batch and adds them to `messages`. @throws RangeError when they are not what the batch says */
export function readRecords(
  bytes: Buffer,
  batch: {
    readonly recordCount: number;
    readonly context: BatchContext;
    readonly messages: FetchedMessage[];
  },
): void {
  const { recordCount, context, messages } = batch;
  const firstOffset = Number(context.firstOffset);
  const firstTimestamp = Number(context.firstTimestamp);
  const reader = new RecordReader(bytes);
  for (let index = 0; index < recordCount; index++) {
    const end = reader.begin();
    const attributes = reader.byte();
    const timestampDelta = reader.varint();
    const offset = String(firstOffset + reader.varint());
    const timestamp =
      context.timestampType === 1 ? context.maxTimestamp : String(firstTimestamp + timestampDelta);
    const key = reader.bytes();
    const value = reader.bytes();
    const headers = readHeaders(reader);
    if (reader.at > end) throw new RangeError(`a record ends at byte ${end}, what it holds at ${reader.at}`);
    reader.at = end;
    messages.push({
      magicByte: context.magicByte,
      attributes,
      timestamp,
      offset,
      key,
      value,
      headers,
      isControlRecord: context.isControlBatch,
      batchContext: context,
    });
  }
}

function readHeaders(reader: RecordReader): MessageHeaders {
  const headers: Record<string, MessageHeaders[string]> = {};
  const count = reader.varint();
  for (let place = 0; place < count; place++) {
    const name = reader.name(place);
    const value = reader.bytes() as Buffer;
    // Whoever writes records gives names as he likes, `constructor` as well.
    const known = Object.hasOwn(headers, name) ? headers[name] : undefined;
    const all = known === undefined ? value : Array.isArray(known) ? [...known, value] : [known, value];
    if (name === '__proto__') defineOwn(headers, name, all);
    else headers[name] = all;
  }
  return headers;
}

/** A name that an assignment would take for something else. */
function defineOwn(headers: object, name: string, value: MessageHeaders[string]): void {
  Object.defineProperty(headers, name, { value, enumerable: true, configurable: true, writable: true });
}

/** Headers beyond this many in a record are not remembered. */
const NAMES_MAX = 16;
const CONTINUES = 0x80;
const SMALL_SHIFT_MAX = 21;

/** Reads the parts of records. What it hands out are views. */
class RecordReader {
  at = 0;
  readonly #bytes: Buffer;
  /** The names of the headers of the record before: those of the next are mostly the same, and are not decoded again. */
  readonly #names: { readonly from: number; readonly length: number; readonly text: string }[] = [];

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** Reads the length of a record. @returns where the record ends */
  begin(): number {
    const length = this.varint();
    const end = this.at + length;
    if (length < 0 || end > this.#bytes.length)
      throw new RangeError(`a record of ${length} bytes at byte ${this.at} of ${this.#bytes.length}`);
    return end;
  }

  byte(): number {
    return this.#bytes[this.at++] ?? 0;
  }

  /** A signed number of up to 53 bits. */
  varint(): number {
    const bytes = this.#bytes;
    let byte = bytes[this.at++]!;
    let zigzag = byte & 0x7f;
    for (let shift = 7; byte >= CONTINUES; shift += 7) {
      byte = bytes[this.at++]!;
      // Beyond 28 bits a shift would lose some.
      zigzag =
        shift <= SMALL_SHIFT_MAX ? zigzag | ((byte & 0x7f) << shift) : zigzag + (byte & 0x7f) * 2 ** shift;
    }
    return zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
  }

  bytes(): Buffer | null {
    const length = this.varint();
    if (length === -1) return null;
    return this.#bytes.subarray(this.#take(length), this.at);
  }

  /** @param place of the header among those of its record */
  name(place: number): string {
    const length = this.varint();
    const from = this.#take(length);
    const known = this.#names[place];
    if (known !== undefined && known.length === length && this.#areSame(known.from, from, length))
      return known.text;
    const text = this.#bytes.toString('utf8', from, this.at);
    if (place < NAMES_MAX) this.#names[place] = { from, length, text };
    return text;
  }

  /** @returns where the bytes begin that are passed over */
  #take(length: number): number {
    const from = this.at;
    this.at += length;
    if (length < 0 || this.at > this.#bytes.length)
      throw new RangeError(`${length} bytes at byte ${from} of ${this.#bytes.length}`);
    return from;
  }

  #areSame(left: number, right: number, length: number): boolean {
    for (let i = 0; i < length; i++) if (this.#bytes[left + i] !== this.#bytes[right + i]) return false;
    return true;
  }
}
