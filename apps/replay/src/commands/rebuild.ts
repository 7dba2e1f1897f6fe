import { historyEventOf } from '@veto/decision';
import { systemClock } from '@veto/domain';
import { rebuildShards } from '@veto/store';
import { clusterLog } from '../cluster/cluster-log';
import { requireBrokers, requireRedis, type ClusterPlace } from '../cluster/cluster-place';

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
