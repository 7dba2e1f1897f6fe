import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { historyEventOf, type Line } from '@veto/decision';
import { TOPICS } from '@veto/domain';
import { featureSet, HISTORY_CODEC_VERSION } from '@veto/features';
import { createMemoryLog, openSegmentLog } from '@veto/log';
import { loadOnnxScorer } from '@veto/model';
import { openEmbeddedStore } from '@veto/store';
import { lineOver } from './line-over';
import { ReplayClock } from './replay-clock';

/**
 * The line as a replay runs it: the same code as the server's, with the data set's time as its clock.
 * @param options.modelDirectory the model artifact, or null to decide by rules and lists alone
 * @param options.dataDirectory where log and state are written, as the server lays them out; null keeps both in memory
 */
export async function openReplayLine(options: {
  readonly modelDirectory: string | null;
  readonly dataDirectory: string | null;
}): Promise<{ readonly line: Line; readonly clock: ReplayClock; close(): Promise<void> }> {
  const clock = new ReplayClock();
  const directory = options.dataDirectory;
  if (directory !== null) mkdirSync(join(directory, 'log'), { recursive: true });
  const log =
    directory === null
      ? createMemoryLog({ clock, retain: [TOPICS.decisions] })
      : await openSegmentLog({ directory: join(directory, 'log'), clock });
  const store = await openEmbeddedStore({
    directory: directory === null ? null : join(directory, 'store'),
    log,
    clock,
    historyEventOf,
    historyVersion: HISTORY_CODEC_VERSION,
  });
  const scorer =
    options.modelDirectory === null
      ? null
      : await loadOnnxScorer({ directory: options.modelDirectory, featureSet });
  const line = lineOver({ store, log, clock, scorer });
  const close = async (): Promise<void> => {
    await store.close();
    await log.close();
    await scorer?.close();
  };
  return { line, clock, close };
}
