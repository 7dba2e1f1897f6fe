import type { LogCut, Topic } from '@veto/domain';
import { fetchKafkaCut, scanKafka, type ScannedRecord } from '@veto/log';
import { startProgress } from '../progress';
import { CLIENT_ID, type ClusterPlace } from './cluster-place';

/**
 * Reads topics from their beginning to what they hold now, with a progress bar on the terminal.
 * @returns up to where was read
 * @throws VetoError log_unavailable
 */
export async function scanCluster(
  place: ClusterPlace,
  of: {
    readonly topics: readonly Topic[];
    readonly take: (records: readonly ScannedRecord[]) => void;
  },
): Promise<LogCut> {
  const { brokers, topicPrefix } = place;
  const options = { brokers, clientId: CLIENT_ID, topicPrefix, topics: of.topics };
  const to = await fetchKafkaCut(options);
  let count = 0;
  const progress = startProgress({
    total: Object.values(to).reduce((sum, end) => sum + end, 0),
    done: () => count,
    count: () => count,
    what: 'records',
  });
  try {
    return await scanKafka({
      ...options,
      to,
      onBatch: (records) => {
        count += records.length;
        of.take(records);
      },
    });
  } finally {
    progress.stop();
  }
}
