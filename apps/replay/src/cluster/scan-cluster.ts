import type { LogCut, Topic } from '@veto/domain';
import { fetchKafkaCut, scanKafka, type ScannedRecord } from '@veto/log';
import { startProgress } from '../progress';
import { kafkaOf, type ClusterPlace } from './cluster-place';

/**
 * Reads topics up to what they hold now, with a progress bar on the terminal.
 * @returns up to where was read
 * @throws VetoError log_unavailable
 */
export async function scanCluster(
  place: ClusterPlace,
  of: {
    readonly topics: readonly Topic[];
    /** Where to begin; null or left out = at the beginning. */
    readonly from?: LogCut | null;
    readonly take: (records: readonly ScannedRecord[]) => void;
  },
): Promise<LogCut> {
  const options = { ...kafkaOf(place), topicPrefix: place.topicPrefix, topics: of.topics };
  const to = await fetchKafkaCut(options);
  let count = 0;
  const progress = startProgress({
    total: Object.entries(to).reduce((sum, [partition, end]) => sum + end - (of.from?.[partition] ?? 0), 0),
    done: () => count,
    count: () => count,
    what: 'records',
  });
  try {
    return await scanKafka({
      ...options,
      ...(of.from != null && { from: of.from }),
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
