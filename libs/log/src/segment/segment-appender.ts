import { rm } from 'node:fs/promises';
import type { AppendGroup } from './append-group';
import { SegmentIndex } from './segment-index';
import { segmentEnd, segmentPath, syncDirectory, writeSegmentIndex, type Segment } from './segment-directory';
import type { OpenSegmentWriter, SegmentWriter } from './segment-writer';

export interface SegmentAppenderOptions {
  readonly directory: string;
  /** Every segment, oldest first; the appender adds to it. */
  readonly segments: Segment[];
  readonly segmentBytesMax: number;
  readonly openWriter: OpenSegmentWriter;
}

/** Writes groups to the end of the last segment and begins new ones. One call at a time. */
export class SegmentAppender {
  readonly segments: Segment[];
  readonly #directory: string;
  readonly #segmentBytesMax: number;
  readonly #openWriter: OpenSegmentWriter;
  #segment: Segment;
  #writer: SegmentWriter;
  /** True when a sync failed: what the disk holds is then unknown, and only reading it again can tell. */
  #isUncertain = false;
  #indexWritten: Promise<void> = Promise.resolve();

  static async open(options: SegmentAppenderOptions): Promise<SegmentAppender> {
    const last = options.segments.at(-1);
    const segment = last ?? {
      path: segmentPath(options.directory, 0),
      base: 0,
      index: new SegmentIndex(),
      byteLength: 0,
    };
    const writer = await options.openWriter(segment.path);
    if (last === undefined) {
      await syncDirectory(options.directory);
      options.segments.push(segment);
    }
    return new SegmentAppender(options, segment, writer);
  }

  private constructor(options: SegmentAppenderOptions, segment: Segment, writer: SegmentWriter) {
    this.segments = options.segments;
    this.#directory = options.directory;
    this.#segmentBytesMax = options.segmentBytesMax;
    this.#openWriter = options.openWriter;
    this.#segment = segment;
    this.#writer = writer;
  }

  get nextPosition(): number {
    return segmentEnd(this.#segment);
  }

  /**
   * Makes a group durable, one segment's share after the other. Rejects when the disk did not do it; then `cutBack` is due.
   * @param onDurable told of each share: how many of the group's appends are durable now
   */
  async write(group: AppendGroup, onDurable: (appendCount: number) => void): Promise<void> {
    const { appends } = group;
    let from = 0;
    let to = 0;
    for (let i = 0; i < appends.length; i++) {
      const { byteEnd } = appends[i]!;
      if (to > from && this.#wouldOverflow(byteEnd - from)) {
        await this.#writeRange(group, from, to);
        onDurable(i);
        from = to;
      }
      to = byteEnd;
    }
    await this.#writeRange(group, from, to);
    onDurable(appends.length);
  }

  #wouldOverflow(byteCount: number): boolean {
    return this.#segment.byteLength + byteCount > this.#segmentBytesMax;
  }

  /** Writes a range of the group's bytes into one segment. An append never lies in two. */
  async #writeRange(group: AppendGroup, from: number, to: number): Promise<void> {
    if (to === from) return;
    if (this.#segment.byteLength > 0 && this.#wouldOverflow(to - from)) await this.#roll();
    const at = this.#segment.byteLength;
    await this.#writer.write(group.bytes.subarray(from, to), at);
    try {
      await this.#writer.sync();
    } catch (error) {
      this.#isUncertain = true;
      throw error;
    }
    group.framesIn(from, to, (offset, topicBit) => {
      this.#segment.index.add(at + offset - from, topicBit);
    });
    this.#segment.byteLength = at + (to - from);
  }

  async #roll(): Promise<void> {
    const base = segmentEnd(this.#segment);
    const path = segmentPath(this.#directory, base);
    const writer = await this.#beginFile(path);
    const sealed = this.#segment;
    await this.#writer.close();
    this.#writer = writer;
    this.#segment = { path, base, index: new SegmentIndex(), byteLength: 0 };
    this.segments.push(this.#segment);
    sealed.index.seal();
    // Nobody waits for the index: where it cannot be written, the next start reads the segment and tries again.
    this.#indexWritten = writeSegmentIndex(sealed).catch(() => undefined);
  }

  /** Creates the next file. Where that fails half-way no file of that name may stay: the last one still grows. */
  async #beginFile(path: string): Promise<SegmentWriter> {
    const writer = await this.#openWriter(path);
    try {
      await writer.truncate(0);
      await syncDirectory(this.#directory);
      return writer;
    } catch (error) {
      await writer.close().catch(() => undefined);
      await rm(path, { force: true }).catch(() => {
        this.#isUncertain = true;
      });
      throw error;
    }
  }

  /**
   * After a failed write: removes what may have been written of it.
   * @returns false when the file is in an unknown state, so that nothing may be appended until it is read again
   */
  async cutBack(): Promise<boolean> {
    if (this.#isUncertain) return false;
    try {
      await this.#writer.truncate(this.#segment.byteLength);
      await this.#writer.sync();
      return true;
    } catch {
      // The caller reports the write that failed; that cutting back failed too only means that the log stays unavailable.
      return false;
    }
  }

  async close(): Promise<void> {
    await this.#indexWritten;
    await this.#writer.close();
  }
}
