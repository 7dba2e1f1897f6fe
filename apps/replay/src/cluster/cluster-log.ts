import type { StoredLogRecord } from '@veto/domain';
import { openKafkaAppender } from '@veto/log';
import { REBUILT_TOPICS, type RebuiltLog } from '@veto/store';
import { CLIENT_ID, type ClusterPlace } from './cluster-place';
import { scanCluster } from './scan-cluster';

/** The log of a cluster as a rebuild reads and writes it. @param onRead told after each reading, of how much and for how long */
export function clusterLog(place: ClusterPlace, onRead: (count: number, ms: number) => void): RebuiltLog {
  let position = 0;
  return {
    read: async (from, take) => {
      const startedAtMs = performance.now();
      const before = position;
      const cut = await scanCluster(place, {
        topics: REBUILT_TOPICS,
        from,
        take: (records) =>
          take(records.map((record): StoredLogRecord => ({ ...record, position: position++ }))),
      });
      onRead(position - before, performance.now() - startedAtMs);
      return cut;
    },
    append: async (record) => {
      const { brokers, topicPrefix } = place;
      const appender = await openKafkaAppender({
        brokers,
        topicPrefix,
        clientId: CLIENT_ID,
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
