import { cutIncludes, type EventLog, type LogCut } from '@veto/domain';

/** The one partition of a log in one process. */
const ONLY_PARTITION = 'log/0';

/** The cut after a position of a log in one process. */
export function cutOf(end: number): LogCut {
  return { [ONLY_PARTITION]: end + 1 };
}

/** Waits until the log's own cut includes `cut`, by listening to it. @returns false after `timeoutMs` */
export function reachedCut(
  log: Pick<EventLog, 'cut' | 'subscribe'>,
  cut: LogCut,
  timeoutMs: number,
): Promise<boolean> {
  if (cutIncludes(log.cut(), cut)) return Promise.resolve(true);
  return new Promise((resolve) => {
    const settle = (reached: boolean): void => {
      clearTimeout(timer);
      stop();
      resolve(reached);
    };
    const timer = setTimeout(() => settle(false), timeoutMs);
    const stop = log.subscribe(() => {
      if (cutIncludes(log.cut(), cut)) settle(true);
    });
  });
}
