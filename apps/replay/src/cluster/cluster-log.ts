import { openKafkaAppender } from '@veto/log';
import { REBUILT_TOPICS, type RebuiltLog } from '@veto/store';
import { kafkaOf, type ClusterPlace } from './cluster-place';
import { scanCluster } from './scan-cluster';
import { withPosition } from './with-position';

/** What a reading of the log came to. */
export interface LogReading {
  readonly recordCount: number;
  readonly ms: number;
  /** Processor time of this process, all threads. */
  readonly cpuMs: number;
}

/** The log of a cluster as a rebuild reads and writes it. */
export function clusterLog(place: ClusterPlace, onRead: (reading: LogReading) => void): RebuiltLog {
  let position = 0;
  return {
    read: async (from, take) => {
      const startedAtMs = performance.now();
      const cpuBefore = process.cpuUsage();
      const before = position;
      const cut = await scanCluster(place, {
        topics: REBUILT_TOPICS,
        from,
        take: (records) => take(records.map((record) => withPosition(record, position++))),
      });
      const { user, system } = process.cpuUsage(cpuBefore);
      onRead({
        recordCount: position - before,
        ms: performance.now() - startedAtMs,
        cpuMs: (user + system) / 1_000,
      });
      return cut;
    },
    append: async (record) => {
      const appender = await openKafkaAppender({
        ...kafkaOf(place),
        topicPrefix: place.topicPrefix,
        topics: [record.topic],
      });
      try {
        await appender.append([record]);
      } finally {
        await appender.close();
      }
    },
  };
}
