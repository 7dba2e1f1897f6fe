import { readdir, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import type { EventLog } from '@veto/domain';
import { aClock, aTempDirectory, eventLogConformance, WAITING_RECORD_COUNT_MAX } from '@veto/testing';
import { openSegmentLog } from './segment-event-log';

async function lastSegment(directory: string): Promise<string> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.log')).sort();
  return join(directory, names.at(-1) ?? '');
}

// In one file, and in files of two records or so: every read then crosses from one into another.
describe.each([128 * 1024 * 1024, 250])('segments of %i bytes', (segmentBytesMax) => {
  eventLogConformance('the segment log', async () => {
    const directory = await aTempDirectory();
    const opened: EventLog[] = [];
    const openAt = async (path: string): Promise<EventLog> => {
      const log = await openSegmentLog({
        directory: path,
        clock: aClock(),
        segmentBytesMax,
        waitingRecordCountMax: WAITING_RECORD_COUNT_MAX,
      });
      opened.push(log);
      return log;
    };
    const log = await openAt(directory.path);
    return {
      log,
      order: 'total',
      settled: () => Promise.resolve(),
      reopen: async () => {
        await log.close();
        return openAt(directory.path);
      },
      crash: async () => openAt(await directory.copy()),
      tear: async () => {
        const copied = await directory.copy();
        const file = await lastSegment(copied);
        await truncate(file, (await stat(file)).size - 1);
        return openAt(copied);
      },
      sever: null,
      dispose: async () => {
        for (const each of opened) await each.close();
        await directory.remove();
      },
    };
  });
});
