import { open, stat } from 'node:fs/promises';
import { scanFrames } from './scan-frames';
import { listSegmentBases, segmentPath } from './segment-directory';

const SCAN_CHUNK_BYTES = 4 * 1024 * 1024;

/** What a look at every byte of a log found. */
export interface SegmentLogReport {
  readonly segmentCount: number;
  readonly recordCount: number;
  readonly byteCount: number;
  /** The first thing wrong, or null. A log that is being written may show a record that is only half there at its end. */
  readonly damage: { readonly file: string; readonly offset: number; readonly what: string } | null;
}

/** Reads every record of a log in a directory, checking length, checksum and position of each. Opens nothing for writing. */
export async function verifySegmentLog(directory: string): Promise<SegmentLogReport> {
  let recordCount = 0;
  let byteCount = 0;
  let segmentCount = 0;
  for (const base of await listSegmentBases(directory)) {
    const path = segmentPath(directory, base);
    const report = (offset: number, what: string): SegmentLogReport => ({
      segmentCount,
      recordCount,
      byteCount,
      damage: { file: path, offset, what },
    });
    if (base !== recordCount) return report(0, `begins with record ${base}, due is ${recordCount}`);
    segmentCount += 1;
    const to = (await stat(path)).size;
    const file = await open(path, 'r');
    try {
      const range = { from: 0, to, position: base, chunkBytes: SCAN_CHUNK_BYTES };
      const { offset, stopped } = await scanFrames(file, range, (_buffer, _offset, frameLength) => {
        recordCount += 1;
        byteCount += frameLength;
        return true;
      });
      if (stopped !== 'end')
        return report(offset, stopped === 'bad' ? 'a damaged record' : 'a record that is not whole');
    } finally {
      await file.close();
    }
  }
  return { segmentCount, recordCount, byteCount, damage: null };
}
