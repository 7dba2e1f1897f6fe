import type { FileHandle } from 'node:fs/promises';
import {
  FRAME_BAD,
  FRAME_HEADER_BYTES,
  FRAME_INCOMPLETE,
  FRAME_MAGIC,
  framePosition,
  measureFrame,
  RECORD_BYTES_MAX,
} from './frame';

/** Called for each frame in turn; the buffer is not written again. @returns false to stop after this one */
export type FrameVisitor = (
  buffer: Buffer,
  offset: number,
  frameLength: number,
  fileOffset: number,
) => boolean;

export interface ScanResult {
  /** Offset in the file of the first frame that was not visited. */
  readonly offset: number;
  /**
   * `end`: nothing left · `visitor`: it said so · `incomplete`: the range ends within a frame · `bad`: the bytes are no frame,
   * or one of another position
   */
  readonly stopped: 'end' | 'visitor' | 'incomplete' | 'bad';
}

export interface ScanRange {
  readonly from: number;
  readonly to: number;
  /** Position that the frame at `from` must have. */
  readonly position: number;
  readonly chunkBytes: number;
}

/** Reads the frames of a file from `from` up to `to`, checking length, CRC and position of each. */
export async function scanFrames(
  file: FileHandle,
  range: ScanRange,
  visit: FrameVisitor,
): Promise<ScanResult> {
  let fileOffset = range.from;
  let position = range.position;
  let chunkBytes = range.chunkBytes;
  while (fileOffset < range.to) {
    const wanted = Math.min(chunkBytes, range.to - fileOffset);
    const buffer = Buffer.allocUnsafeSlow(wanted);
    const end = await readFully(file, buffer, fileOffset);
    let offset = 0;
    while (offset < end) {
      const frameLength = measureFrame(buffer, offset, end);
      if (frameLength === FRAME_INCOMPLETE) break;
      if (frameLength === FRAME_BAD || framePosition(buffer, offset) !== position)
        return { offset: fileOffset + offset, stopped: 'bad' };
      const goOn = visit(buffer, offset, frameLength, fileOffset + offset);
      offset += frameLength;
      position += 1;
      if (!goOn) return { offset: fileOffset + offset, stopped: 'visitor' };
    }
    fileOffset += offset;
    if (offset === end && end === wanted) continue;
    if (end < wanted || fileOffset + (end - offset) >= range.to)
      return { offset: fileOffset, stopped: 'incomplete' };
    // A frame larger than what is left of the chunk is read again from its start; one larger than a chunk needs a larger chunk.
    if (offset === 0) chunkBytes = Math.min(chunkBytes * 4, RECORD_BYTES_MAX + FRAME_HEADER_BYTES);
  }
  return { offset: fileOffset, stopped: 'end' };
}

/** @returns how many bytes there were */
async function readFully(file: FileHandle, buffer: Buffer, at: number): Promise<number> {
  let filled = 0;
  while (filled < buffer.length) {
    const { bytesRead } = await file.read(buffer, filled, buffer.length - filled, at + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return filled;
}

/**
 * Offset of a whole frame after damage, or null: is what follows the damage only the rest of a torn write?
 * @param from offset of the damage @param position that the damaged frame would have had
 */
export async function findFrameAfter(
  file: FileHandle,
  damage: { readonly from: number; readonly to: number; readonly position: number },
): Promise<number | null> {
  const rest = Buffer.allocUnsafeSlow(damage.to - damage.from);
  const end = await readFully(file, rest, damage.from);
  for (let at = rest.indexOf(FRAME_MAGIC); at !== -1; at = rest.indexOf(FRAME_MAGIC, at + 1)) {
    const offset = at - 8;
    if (offset > 0 && measureFrame(rest, offset, end) > 0 && framePosition(rest, offset) > damage.position)
      return damage.from + offset;
  }
  return null;
}
