import { TOPICS, type EventLog, type LogRecord } from '@veto/domain';
import { aClock, aTempDirectory, type TempDirectory } from '@veto/testing';
import { openSegmentLogWith } from './segment-event-log';
import { openFileWriter, type OpenSegmentWriter, type SegmentWriter } from './segment-writer';

type Step = 'write' | 'sync' | 'truncate';

/** A disk that fails where it is told to, and otherwise is one. */
class FailingDisk {
  /** How a step goes wrong; it stays so until changed. */
  readonly failing = new Map<Step, string>();

  readonly openWriter: OpenSegmentWriter = async (path) => {
    const writer = await openFileWriter(path);
    const attempt = (step: Step): void => {
      const code = this.failing.get(step);
      if (code !== undefined) throw Object.assign(new Error(`${code}: ${step}`), { code });
    };
    return {
      write: async (bytes, at) => {
        // A full disk takes the first half.
        if (this.failing.has('write')) await writer.write(bytes.subarray(0, bytes.length >> 1), at);
        attempt('write');
        await writer.write(bytes, at);
      },
      sync: async () => {
        attempt('sync');
        await writer.sync();
      },
      truncate: async (byteLength) => {
        attempt('truncate');
        await writer.truncate(byteLength);
      },
      close: () => writer.close(),
    } satisfies SegmentWriter;
  };
}

const record = (i: number): LogRecord => ({
  topic: TOPICS.decisions,
  key: `ten_test|ord_${i}`,
  value: new Uint8Array(200).fill(i),
});

async function marksOf(log: EventLog): Promise<number[]> {
  return (await log.read({ after: -1, recordCountMax: 1_000 })).records.map(({ value }) => value[0] ?? -1);
}

let directory: TempDirectory;
let disk: FailingDisk;
let log: EventLog;

async function openLog(): Promise<EventLog> {
  return openSegmentLogWith(
    { directory: directory.path, clock: aClock(), segmentBytesMax: 2_000 },
    disk.openWriter,
  );
}

beforeEach(async () => {
  directory = await aTempDirectory();
  disk = new FailingDisk();
  log = await openLog();
  await log.append([record(0)]);
});
afterEach(async () => {
  disk.failing.clear();
  await log.close();
  await directory.remove();
});

async function reopened(): Promise<EventLog> {
  disk.failing.clear();
  await log.close();
  log = await openLog();
  return log;
}

describe('a log whose disk is full', () => {
  it('acknowledges nothing of what was under way or waited, and goes on once there is room', async () => {
    disk.failing.set('write', 'ENOSPC');
    const heard: number[] = [];
    log.subscribe((records) => heard.push(...records.map(({ position }) => position)));
    const attempts = await Promise.allSettled([log.append([record(1)]), log.append([record(2), record(3)])]);
    for (const attempt of attempts)
      expect(attempt).toMatchObject({
        status: 'rejected',
        reason: { code: 'log_unavailable', retryable: true },
      });
    await expect(log.append([record(4)])).rejects.toMatchObject({ code: 'log_unavailable' });
    expect(log.end()).toBe(0);
    expect(await marksOf(log)).toEqual([0]);
    disk.failing.clear();
    await untilItTakesRecords(log);
    expect(await log.appendReadable([record(5)])).toBe(1);
    expect(heard).toEqual([1]);
    expect(await marksOf(await reopened())).toEqual([0, 5]);
  });

  it('keeps what became durable before the failure, when a group spans two files', async () => {
    // Seven records of about 250 bytes are more than the rest of the first file; the second file cannot be begun.
    disk.failing.set('truncate', 'ENOSPC');
    const attempts = await Promise.allSettled(
      [1, 2, 3, 4, 5, 6, 7, 8, 9].map((i) => log.append([record(i)])),
    );
    const taken = attempts.filter(({ status }) => status === 'fulfilled').length;
    expect(taken).toBeGreaterThan(0);
    expect(taken).toBeLessThan(9);
    const expected = Array.from({ length: taken + 1 }, (_, i) => i);
    expect(await marksOf(log)).toEqual(expected);
    expect(await marksOf(await reopened())).toEqual(expected);
  });
});

describe('a log whose disk fails to sync', () => {
  it('takes nothing more until it is opened again, for what the disk holds is not known', async () => {
    disk.failing.set('sync', 'EIO');
    await expect(log.append([record(1)])).rejects.toMatchObject({ code: 'log_unavailable' });
    disk.failing.clear();
    await expect(log.append([record(2)])).rejects.toMatchObject({ code: 'log_unavailable' });
    await expect(log.append([])).rejects.toMatchObject({ code: 'log_unavailable' });
    expect(await marksOf(log)).toEqual([0]);
    const after = await reopened();
    expect((await marksOf(after))[0]).toBe(0);
    await after.append([record(3)]);
    expect((await marksOf(after)).at(-1)).toBe(3);
  });
});

describe('a log that cannot cut back a failed write', () => {
  it('takes nothing more until it is opened again', async () => {
    disk.failing.set('write', 'ENOSPC').set('truncate', 'EIO');
    await expect(log.append([record(1)])).rejects.toMatchObject({ code: 'log_unavailable' });
    disk.failing.clear();
    await new Promise((resolve) => setImmediate(resolve));
    await expect(log.append([record(2)])).rejects.toMatchObject({ code: 'log_unavailable' });
    expect(await marksOf(await reopened())).toEqual([0]);
  });
});

/** The file is cut back before the next record is taken; a barrier tells when. */
async function untilItTakesRecords(waited: EventLog): Promise<void> {
  for (let attempt = 0; attempt < 1_000; attempt++) {
    const taken = await waited.append([]).then(
      () => true,
      () => false,
    );
    if (taken) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error('the log did not recover');
}
