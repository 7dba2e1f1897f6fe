import { systemClock, TOPICS, type EventLog, type LogRecord, type StateStore } from '@veto/domain';
import { openState } from './open-state';
import type { RuntimeOptions } from './runtime';

/**
 * Where a process may be told to die, for the tests of what survives it. Only a build that is made for tests contains
 * any of this: whoever calls these functions asks `__BUILT_FOR_TESTS__` first.
 */
export const FAILPOINTS = [
  'before_begin',
  'after_begin',
  'after_score',
  'after_commit',
  'before_publish',
  'after_publish_before_ack',
  'before_offset_commit',
] as const;
export type Failpoint = (typeof FAILPOINTS)[number];

let passCount = 0;

/**
 * Comes by a point: ends the process here and now, without a word, when it is the one that `FAILPOINT` names, at pass
 * `FAILPOINT_AT` of it (the first unless said).
 */
export function passFailpoint(point: Failpoint): void {
  if (process.env['FAILPOINT'] !== point) return;
  passCount++;
  if (passCount === Number(process.env['FAILPOINT_AT'] ?? 1)) process.kill(process.pid, 'SIGKILL');
}

/** Puts the points between the line and its state into the store. */
function placeInStore(store: StateStore): void {
  const [begin, commit] = [store.begin.bind(store), store.commit.bind(store)];
  store.begin = async (requests) => {
    passFailpoint('before_begin');
    const results = await begin(requests);
    passFailpoint('after_begin');
    return results;
  };
  store.commit = async (requests) => {
    passFailpoint('after_score');
    const results = await commit(requests);
    passFailpoint('after_commit');
    return results;
  };
}

/** Puts the points between the line and its log into the log. */
function placeInLog(log: EventLog): void {
  const [append, appendReadable] = [log.append.bind(log), log.appendReadable.bind(log)];
  log.append = async (records, options) => aroundPublish(records, () => append(records, options));
  log.appendReadable = async (records) => aroundPublish(records, () => appendReadable(records));
}

async function aroundPublish<T>(records: readonly LogRecord[], publish: () => Promise<T>): Promise<T> {
  const isDecision = records.some(({ topic }) => topic === TOPICS.decisions);
  if (isDecision) passFailpoint('before_publish');
  const published = await publish();
  if (isDecision) passFailpoint('after_publish_before_ack');
  return published;
}

/** What tests ask for: a store and a log with points to die at, and a clock that is wrong by `CLOCK_OFFSET_MS`. */
export function runtimeForTests(): Pick<RuntimeOptions, 'clock' | 'openState'> {
  const offsetMs = Number(process.env['CLOCK_OFFSET_MS'] ?? 0);
  return {
    clock: { nowMs: () => systemClock.nowMs() + offsetMs },
    openState: async (options) => {
      const state = await openState(options);
      placeInStore(state.store);
      placeInLog(state.log);
      return state;
    },
  };
}
