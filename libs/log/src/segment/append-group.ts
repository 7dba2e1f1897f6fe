import type { StoredLogRecord } from '@veto/domain';
import { storedRecord, type DatedLogRecord } from '../stored-record';
import { encodeFrame, frameTopicBit } from './frame';

/** One call of `append` within a group. */
export interface GroupedAppend {
  readonly records: readonly DatedLogRecord[];
  readonly firstPosition: number;
  readonly appendedAtMs: number;
  /** True when each record brings the time at which it was appended elsewhere. */
  readonly isDated: boolean;
  /** Where its frames end in the group's bytes. */
  readonly byteEnd: number;
  readonly resolve: (positions: readonly number[]) => void;
  readonly reject: (error: Error) => void;
}

const BUFFER_BYTES_INITIAL = 256 * 1024;
/** A buffer that grew larger than this in a burst is not kept. */
const BUFFER_BYTES_KEPT_MAX = 8 * 1024 * 1024;

/** The appends that become durable by one write and one sync; their frames lie encoded in one buffer that is used again. */
export class AppendGroup {
  readonly appends: GroupedAppend[] = [];
  #buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES_INITIAL);
  #byteLength = 0;
  #recordCount = 0;
  /** Where each frame starts, for the index. */
  readonly #frames: number[] = [];

  get byteLength(): number {
    return this.#byteLength;
  }

  get recordCount(): number {
    return this.#recordCount;
  }

  get isEmpty(): boolean {
    return this.appends.length === 0;
  }

  get bytes(): Buffer {
    return this.#buffer;
  }

  /** Encodes the records of one call. @param byteCount what their frames take together */
  add(append: Omit<GroupedAppend, 'byteEnd'>, byteCount: number): void {
    this.#reserve(byteCount);
    const { records } = append;
    const last = records.length - 1;
    for (let i = 0; i <= last; i++) {
      this.#frames.push(this.#byteLength);
      const record = records[i]!;
      const place = {
        position: append.firstPosition + i,
        appendedAtMs: appendedAtMsOf(record, append),
        continues: i < last,
      };
      this.#byteLength = encodeFrame(this.#buffer, this.#byteLength, record, place);
    }
    this.#recordCount += records.length;
    this.appends.push({ ...append, byteEnd: this.#byteLength });
  }

  #reserve(byteCount: number): void {
    const needed = this.#byteLength + byteCount;
    if (needed <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#buffer.length * 2));
    this.#buffer.copy(larger, 0, 0, this.#byteLength);
    this.#buffer = larger;
  }

  /** Calls `visit` for each frame that starts in the range of the group's bytes. */
  framesIn(from: number, to: number, visit: (offset: number, topicBit: number) => void): void {
    for (const offset of this.#frames) {
      if (offset >= from && offset < to) visit(offset, frameTopicBit(this.#buffer, offset));
    }
  }

  /** Empties the group for the next use of its buffer. */
  clear(): void {
    this.appends.length = 0;
    this.#frames.length = 0;
    this.#byteLength = 0;
    this.#recordCount = 0;
    if (this.#buffer.length > BUFFER_BYTES_KEPT_MAX)
      this.#buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES_INITIAL);
  }
}

/** Records of several appends as a reader will see them. The values are those that the callers gave. */
export function storedRecords(appends: readonly GroupedAppend[]): StoredLogRecord[] {
  const stored: StoredLogRecord[] = [];
  for (const append of appends) {
    const { records, firstPosition } = append;
    for (let i = 0; i < records.length; i++) {
      const record = records[i]!;
      stored.push(storedRecord(record, firstPosition + i, appendedAtMsOf(record, append)));
    }
  }
  return stored;
}

function appendedAtMsOf(
  record: DatedLogRecord,
  append: Pick<GroupedAppend, 'isDated' | 'appendedAtMs'>,
): number {
  return append.isDated ? (record.appendedAtMs ?? append.appendedAtMs) : append.appendedAtMs;
}
