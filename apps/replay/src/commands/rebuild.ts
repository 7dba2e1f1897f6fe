import { historyEventOf } from '@veto/decision';
import { systemClock, type StoredLogRecord } from '@veto/domain';
import { openKafkaAppender } from '@veto/log';
import { rebuildShards, REBUILT_TOPICS, type RebuiltLog } from '@veto/store';
import { CLIENT_ID, requireBrokers, requireRedis, type ClusterPlace } from '../cluster/cluster-place';
import { scanCluster } from '../cluster/scan-cluster';

export interface RebuildCommand {
  /** Also while instances serve. */
  readonly force: boolean;
}

/** Makes the shared state anew from the log. @returns the exit code: 1 when what Redis holds is not what the log says */
export async function rebuild(place: ClusterPlace, { force }: RebuildCommand): Promise<number> {
  requireBrokers(place, 'rebuild');
  requireRedis(place, 'rebuild');
  const startedAtMs = performance.now();
  let recordCount = 0;
  let readMs = 0;
  const log = clusterLog(place, (count, ms) => {
    recordCount += count;
    readMs += ms;
  });
  const rebuilt = await rebuildShards({
    urls: place.redisUrls,
    log,
    clock: systemClock,
    historyEventOf,
    force,
    onStep: (step) => console.error(step),
  });
  const seconds = (performance.now() - startedAtMs) / 1_000;
  for (const { shard, epoch, firstSeq } of rebuilt.shards)
    console.log(`shard ${shard}: epoch ${epoch} is open, from seq ${firstSeq} on`);
  console.log(
    `${recordCount} records, ${rebuilt.eventCount} events, ${rebuilt.entityCount} entities in ${seconds.toFixed(1)} s; ` +
      `reading ${Math.round((recordCount / readMs) * 1_000)} records/s. State ${rebuilt.digest}`,
  );
  if (rebuilt.redisDigest === null || rebuilt.redisDigest === rebuilt.digest) return 0;
  console.error(`Redis holds ${rebuilt.redisDigest}, which is not what the log says`);
  return 1;
}

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
