import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock, type EventLog } from '@veto/domain';
import { openSegmentLog } from '@veto/log';
import type { LogToVerify } from './verify-records';

const READ_COUNT = 2_000;

/**
 * The log of a stopped server: its records in the order in which they were appended.
 * @throws Error when there is none; VetoError log_locked while a server writes to it
 */
export async function openEmbeddedSource(
  dataDirectory: string,
): Promise<LogToVerify & { close(): Promise<void> }> {
  const directory = join(dataDirectory, 'log');
  if (!existsSync(directory))
    throw new Error(`there is no log at ${directory}; name the data directory by --data`);
  const log = await openSegmentLog({ directory, clock: systemClock });
  return { readAll: (take) => readAllOf(log, take), close: () => log.close() };
}

/** Every record of a log, oldest first. */
export async function readAllOf(log: EventLog, take: Parameters<LogToVerify['readAll']>[0]): Promise<void> {
  for (let after = -1; ;) {
    const { records, to } = await log.read({ after, recordCountMax: READ_COUNT });
    take(records);
    if (records.length === 0 && to >= log.end()) return;
    after = to;
  }
}
