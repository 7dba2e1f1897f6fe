import { TOPICS, type Clock, type EventLog, type LogRecord, type StateStore } from '@veto/domain';

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

/** `FAILPOINT` names one, `FAILPOINT_AT` says at which pass of it; 1 unless said. */
let passesLeft = Number(process.env['FAILPOINT_AT'] ?? 1);

/** Comes by a point: ends the process here and now, without a word, when it is the one. */
export function passFailpoint(point: Failpoint): void {
  if (process.env['FAILPOINT'] !== point) return;
  passesLeft--;
  if (passesLeft === 0) process.kill(process.pid, 'SIGKILL');
}

/** Puts the points between the line and its state into the store. */
export function placeInStore(store: StateStore): void {
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
export function placeInLog(log: EventLog): void {
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

/** A clock that is wrong by `CLOCK_OFFSET_MS`. */
export function clockOfTest(clock: Clock): Clock {
  const offsetMs = Number(process.env['CLOCK_OFFSET_MS'] ?? 0);
  return { nowMs: () => clock.nowMs() + offsetMs };
}
