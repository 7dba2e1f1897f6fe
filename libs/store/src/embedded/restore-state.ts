import type { EventLog, LogBatch } from '@veto/domain';
import type { ClaimIndex, LogMark } from './claim-index';
import { SnapshotDamaged } from './snapshot-file';
import { listSnapshots, loadSnapshot, type LoadedSnapshot } from './snapshots';
import { StateOfLog, STATE_TOPICS, type HistoryEventOf } from './state-of-log';

const BATCH_COUNT = 2_000;

/** Something on disk that was passed over, because it was damaged or belongs to another log. Nothing is lost: it is made again. */
export interface Ignored {
  readonly what: string;
  readonly why: string;
}

export interface RestoreOptions {
  readonly directory: string | null;
  readonly log: EventLog;
  readonly index: ClaimIndex;
  readonly historyEventOf: HistoryEventOf;
  readonly historyVersion: number;
  readonly onIgnored: (ignored: Ignored) => void;
}

export interface RestoredState {
  readonly state: StateOfLog;
  /** Stops following the log. */
  readonly unsubscribe: () => void;
}

/** The state as the log has it now: newest usable snapshot and what follows it, else everything; and from then on, what comes. */
export async function restoreState(options: RestoreOptions): Promise<RestoredState> {
  const { log, index, historyEventOf } = options;
  await forgetStrangeIndex(options);
  const snapshot = await newestSnapshot(options);
  const state = new StateOfLog(index, historyEventOf, snapshot ?? undefined);
  const indexedTo = index.mark?.position ?? -1;
  let after = snapshot?.mark.position ?? -1;
  for (;;) {
    const { records, to }: LogBatch = await log.read({
      after,
      recordCountMax: BATCH_COUNT,
      topics: STATE_TOPICS,
    });
    for (const record of records) state.apply(record, indexedTo);
    after = to;
    if (after < log.end()) continue;
    // Nothing can be appended between this comparison and the subscription.
    const unsubscribe = log.subscribe((appended) => {
      state.noteLogged(appended);
    });
    return { state, unsubscribe };
  }
}

/** An index that followed another log, or one that was cut back since, is worth nothing. */
export async function forgetStrangeIndex({
  log,
  index,
  onIgnored,
}: Pick<RestoreOptions, 'log' | 'index' | 'onIgnored'>): Promise<void> {
  if (index.mark === null || (await isOnLog(log, index.mark))) return;
  onIgnored({
    what: 'the index of decided ids',
    why: `record ${index.mark.position} of the log is not the one that it followed`,
  });
  await index.clear();
}

async function newestSnapshot(options: RestoreOptions): Promise<LoadedSnapshot | null> {
  if (options.directory === null) return null;
  for (const path of await listSnapshots(options.directory)) {
    const loaded = await loadUsable(path, options);
    if (typeof loaded !== 'string') return loaded;
    options.onIgnored({ what: path, why: loaded });
  }
  return null;
}

/** @returns the snapshot, or why it is of no use */
async function loadUsable(
  path: string,
  { log, index, historyVersion }: RestoreOptions,
): Promise<LoadedSnapshot | string> {
  const snapshot = await loadUnlessDamaged(path, historyVersion);
  if (typeof snapshot === 'string') return snapshot;
  if (snapshot.mark.position > (index.mark?.position ?? -1)) return 'the index of decided ids is behind it';
  return (await isOnLog(log, snapshot.mark)) ? snapshot : 'it is of another log';
}

async function loadUnlessDamaged(path: string, historyVersion: number): Promise<LoadedSnapshot | string> {
  try {
    return await loadSnapshot(path, historyVersion);
  } catch (error) {
    if (error instanceof SnapshotDamaged) return error.message;
    throw error;
  }
}

async function isOnLog(log: EventLog, mark: LogMark): Promise<boolean> {
  if (mark.position > log.end()) return false;
  const { records } = await log.read({ after: mark.position - 1, recordCountMax: 1 });
  const record = records[0];
  return (
    record?.position === mark.position && record.appendedAtMs === mark.appendedAtMs && record.key === mark.key
  );
}
