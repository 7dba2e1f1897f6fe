import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  createFailOpenBook,
  createListBook,
  historyEventOf,
  startingPolicy,
  type Line,
} from '@veto/decision';
import { TOPICS } from '@veto/domain';
import { featureSet, HISTORY_CODEC_VERSION } from '@veto/features';
import { createMemoryLog, openSegmentLog } from '@veto/log';
import { loadOnnxScorer } from '@veto/model';
import { compileRuleset, startingRules } from '@veto/rules';
import { openEmbeddedStore } from '@veto/store';
import { ReplayClock } from './replay-clock';

/** A deadline that no replay reaches: what is decided here must not depend on this machine's speed. */
const NO_DEADLINE_MS = 24 * 3_600_000;

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
  const line: Line = {
    store,
    log,
    scorer,
    featureSet,
    ruleset: compileRuleset(startingRules, featureSet),
    policy: startingPolicy,
    lists: createListBook(),
    openReviews: () => 0,
    failOpen: createFailOpenBook(),
    clock,
    stopwatch: () => performance.now(),
    deadlineMs: NO_DEADLINE_MS,
  };
  const close = async (): Promise<void> => {
    await store.close();
    await log.close();
    await scorer?.close();
  };
  return { line, clock, close };
}
