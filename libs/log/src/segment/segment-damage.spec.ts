import { appendFile, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { TOPICS, type EventLog, type LogRecord } from '@veto/domain';
import { aClock, aTempDirectory, type TempDirectory } from '@veto/testing';
import { FRAME_HEADER_BYTES } from './frame';
import { openSegmentLog } from './segment-event-log';
import type { TornTail } from './segment-directory';
import { verifySegmentLog } from './verify-segment-log';

const KEY = 'ten_test|ord_1';
const VALUE_BYTES = 20;
const FRAME_BYTES = FRAME_HEADER_BYTES + KEY.length + VALUE_BYTES;
const FIRST = '00000000000000000000.log';

function recordsOf(count: number, from = 0): LogRecord[] {
  return Array.from({ length: count }, (_, i) => ({
    topic: TOPICS.decisions,
    key: KEY,
    value: new Uint8Array(VALUE_BYTES).fill(from + i),
  }));
}

async function marksOf(log: EventLog): Promise<number[]> {
  const { records } = await log.read({ after: -1, recordCountMax: 1_000 });
  return records.map(({ value }) => value[0] ?? -1);
}

let directory: TempDirectory;
beforeEach(async () => {
  directory = await aTempDirectory();
});
afterEach(async () => {
  await directory.remove();
});

function openAt(path: string, torn: TornTail[] = [], segmentBytesMax?: number): Promise<EventLog> {
  return openSegmentLog({
    directory: path,
    clock: aClock(),
    onTornTail: (tail) => torn.push(tail),
    ...(segmentBytesMax !== undefined && { segmentBytesMax }),
  });
}

/** A log with these appends, closed. */
async function written(appends: readonly (readonly LogRecord[])[], segmentBytesMax?: number): Promise<void> {
  const log = await openAt(directory.path, [], segmentBytesMax);
  for (const records of appends) await log.append(records);
  await log.close();
}

async function refusalOf(path: string): Promise<{ code: string; message: string }> {
  const refusal: unknown = await openAt(path).then(
    async (log) => {
      await log.close();
      return { code: 'opened', message: '' };
    },
    (error: unknown) => error,
  );
  return refusal as { code: string; message: string };
}

describe('a log whose last write was torn', () => {
  it('loses the torn record and nothing else, wherever the tear is', async () => {
    await written([recordsOf(2), recordsOf(1, 2)]);
    for (let kept = 0; kept < FRAME_BYTES; kept++) {
      const copied = await directory.copy();
      await truncate(join(copied, FIRST), 2 * FRAME_BYTES + kept);
      const torn: TornTail[] = [];
      const log = await openAt(copied, torn);
      expect(await marksOf(log)).toEqual([0, 1]);
      expect(torn).toHaveLength(kept === 0 ? 0 : 1);
      expect(await log.appendReadable(recordsOf(1, 7))).toBe(2);
      await log.close();
      const reopened = await openAt(copied);
      expect(await marksOf(reopened)).toEqual([0, 1, 7]);
      await reopened.close();
    }
  });

  it('loses the whole of an append of several records, so that none is ever half there', async () => {
    await written([recordsOf(1), recordsOf(3, 1)]);
    for (const keptFrames of [1, 2, 2.5, 3, 3.9]) {
      const copied = await directory.copy();
      await truncate(join(copied, FIRST), Math.floor(keptFrames * FRAME_BYTES));
      const log = await openAt(copied);
      expect(await marksOf(log)).toEqual([0]);
      await log.close();
    }
  });

  it('keeps beside the file what it cut off, and says where', async () => {
    await written([recordsOf(2)]);
    const file = join(directory.path, FIRST);
    await appendFile(file, 'torn to pieces');
    const torn: TornTail[] = [];
    const log = await openAt(directory.path, torn);
    expect(await marksOf(log)).toEqual([0, 1]);
    await log.close();
    expect(torn).toEqual([
      { file, offset: 2 * FRAME_BYTES, byteCount: 14, keptAt: `${file}.torn-${2 * FRAME_BYTES}` },
    ]);
    expect(await readFile(`${file}.torn-${2 * FRAME_BYTES}`, 'utf8')).toBe('torn to pieces');
  });

  it('takes a tail of zeros, as a file system leaves them, for torn', async () => {
    await written([recordsOf(2)]);
    await appendFile(join(directory.path, FIRST), Buffer.alloc(10_000));
    const log = await openAt(directory.path);
    expect(await marksOf(log)).toEqual([0, 1]);
    await log.close();
  });
});

describe('a log with a damaged byte', () => {
  it('is refused wherever the byte lies, unless it is in the last record, which then counts as torn', async () => {
    await written([recordsOf(1), recordsOf(1, 1), recordsOf(1, 2)]);
    const whole = await readFile(join(directory.path, FIRST));
    for (let at = 0; at < whole.length; at++) {
      const copied = await directory.copy();
      const damaged = Buffer.from(whole);
      damaged[at] = damaged[at]! ^ 0x10;
      await writeFile(join(copied, FIRST), damaged);
      const frame = Math.floor(at / FRAME_BYTES);
      if (frame === 2) {
        const log = await openAt(copied);
        expect({ at, marks: await marksOf(log) }).toEqual({ at, marks: [0, 1] });
        await log.close();
      } else {
        const { code, message } = await refusalOf(copied);
        expect({ at, code }).toEqual({ at, code: 'log_corrupt' });
        expect(message).toContain(`${join(copied, FIRST)}: `);
        expect(message).toContain(`at byte ${frame * FRAME_BYTES}`);
      }
      await rm(copied, { recursive: true });
    }
  });

  it('is refused when the byte lies in a segment that was complete, with or without its index', async () => {
    // Two records to a file.
    await written([recordsOf(2), recordsOf(2, 2), recordsOf(1, 4)], 2 * FRAME_BYTES);
    const second = join(directory.path, '00000000000000000002.log');
    const damaged = await readFile(second);
    damaged[FRAME_BYTES + FRAME_HEADER_BYTES] = 0xff;
    await writeFile(second, damaged);
    // The index vouches for the length; the damage shows where it is read.
    const log = await openAt(directory.path);
    await expect(log.read({ after: -1, recordCountMax: 10 })).rejects.toMatchObject({ code: 'log_corrupt' });
    expect((await log.read({ after: 3, recordCountMax: 10 })).records).toHaveLength(1);
    await log.close();
    await rm(second.replace('.log', '.index'));
    expect((await refusalOf(directory.path)).code).toBe('log_corrupt');
    expect(await verifySegmentLog(directory.path)).toEqual({
      segmentCount: 2,
      recordCount: 3,
      byteCount: 3 * FRAME_BYTES,
      damage: { file: second, offset: FRAME_BYTES, what: 'a damaged record' },
    });
  });

  it('is refused when a file is missing, is cut, or has grown', async () => {
    await written([recordsOf(2), recordsOf(2, 2), recordsOf(1, 4)], 2 * FRAME_BYTES);
    const name = '00000000000000000002.log';
    const harms: ((path: string) => Promise<void>)[] = [
      (path) => rm(path),
      (path) => truncate(path, FRAME_BYTES),
      (path) => appendFile(path, 'x'),
      async (path) => {
        await rm(path.replace('.log', '.index'));
        await truncate(path, FRAME_BYTES);
      },
    ];
    for (const harm of harms) {
      const copied = await directory.copy();
      await harm(join(copied, name));
      const { code, message } = await refusalOf(copied);
      expect(code).toBe('log_corrupt');
      expect(message).toContain('.log: ');
      expect((await verifySegmentLog(copied)).damage).not.toBeNull();
    }
  });
});

describe('the index files of complete segments', () => {
  it('are made again when they are missing or damaged, and change nothing that is read', async () => {
    await written([recordsOf(2), recordsOf(2, 2), recordsOf(1, 4)], 2 * FRAME_BYTES);
    const indexOf = (path: string) => join(path, FIRST.replace('.log', '.index'));
    const whole = await readFile(indexOf(directory.path));
    for (const bytes of [
      null,
      Buffer.alloc(0),
      whole.subarray(0, -1),
      Buffer.concat([whole.subarray(0, 20), Buffer.from([9]), whole.subarray(21)]),
    ]) {
      const copied = await directory.copy();
      if (bytes === null) await rm(indexOf(copied));
      else await writeFile(indexOf(copied), bytes);
      const log = await openAt(copied);
      expect(await marksOf(log)).toEqual([0, 1, 2, 3, 4]);
      await log.close();
      expect(await readFile(indexOf(copied))).toEqual(whole);
    }
  });

  it('are there for every segment but the last', async () => {
    await written([recordsOf(2), recordsOf(2, 2), recordsOf(1, 4)], 2 * FRAME_BYTES);
    const names = (await readdir(directory.path)).map((name) => basename(name)).sort();
    const base = (n: number): string => String(n).padStart(20, '0');
    expect(names).toEqual([
      `${base(0)}.index`,
      `${base(0)}.log`,
      `${base(2)}.index`,
      `${base(2)}.log`,
      `${base(4)}.log`,
    ]);
    expect((await stat(join(directory.path, `${base(4)}.log`))).size).toBe(FRAME_BYTES);
    expect(await verifySegmentLog(directory.path)).toEqual({
      segmentCount: 3,
      recordCount: 5,
      byteCount: 5 * FRAME_BYTES,
      damage: null,
    });
  });
});
