import { historyEventOf } from '@veto/decision';
import type { Clock } from '@veto/domain';
import { HISTORY_CODEC_VERSION } from '@veto/features';
import { openSegmentLog } from '@veto/log';
import { openEmbeddedStore } from '@veto/store';
import type { Logger } from 'pino';
import type { DataDirectory } from './data-directory';
import { logIdAt } from './log-id';
import type { OpenedState } from './open-state';

/**
 * Embedded: opens the log and the state that is derived from it, and tells the operator's log what had to be mended on the way.
 * @throws VetoError log_locked | log_corrupt
 */
export async function openEmbedded(options: {
  readonly data: DataDirectory;
  readonly clock: Clock;
  readonly logger: Logger;
}): Promise<OpenedState> {
  const { data, clock, logger } = options;
  const log = await openSegmentLog({
    directory: data.log,
    clock,
    onTornTail: ({ file, offset, byteCount, keptAt }) => {
      logger.warn(
        { file, offset, byteCount, keptAt },
        'cut off a record that a crash had torn; nobody was told that it was there',
      );
    },
  });
  const store = await openEmbeddedStore({
    directory: data.store,
    log,
    clock,
    historyEventOf,
    historyVersion: HISTORY_CODEC_VERSION,
    onIgnored: ({ what, why }) => {
      logger.warn({ what, why }, 'not used, and made anew from the log');
    },
    onSnapshotFailed: (error) => {
      logger.error(
        { error: String(error) },
        'the state could not be saved; the next start reads more of the log',
      );
    },
  });
  return { log, store, logId: logIdAt(data.log), isShared: false, cluster: null };
}
