import { historyEventOf } from '@veto/decision';
import { systemClock } from '@veto/domain';
import { rebuildShards } from '@veto/store';
import { clusterLog, type LogReading } from '../cluster/cluster-log';
import { requireBrokers, requireRedis, type ClusterPlace } from '../cluster/cluster-place';

export interface RebuildCommand {
  /** Also while instances serve. */
  readonly force: boolean;
}

/** Makes the shared state anew from the log. @returns the exit code: 1 when what Redis holds is not what the log says */
export async function rebuild(place: ClusterPlace, { force }: RebuildCommand): Promise<number> {
  requireBrokers(place, 'rebuild');
  await requireRedis(place, 'rebuild');
  const startedAtMs = performance.now();
  const readings: LogReading[] = [];
  const log = clusterLog(place, (reading) => readings.push(reading));
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
    `${rebuilt.eventCount} events of ${rebuilt.entityCount} entities in ${seconds.toFixed(1)} s; ${readingWords(readings)}. ` +
      `State ${rebuilt.digest}`,
  );
  if (rebuilt.redisDigest === null || rebuilt.redisDigest === rebuilt.digest) return 0;
  console.error(`Redis holds ${rebuilt.redisDigest}, which is not what the log says`);
  return 1;
}

function readingWords(readings: readonly LogReading[]): string {
  const sum = (of: (reading: LogReading) => number): number =>
    readings.reduce((total, one) => total + of(one), 0);
  const recordCount = sum(({ recordCount: count }) => count);
  const perSecond = Math.round((recordCount / sum(({ ms }) => ms)) * 1_000);
  const cpuMicros = (sum(({ cpuMs }) => cpuMs) * 1_000) / Math.max(1, recordCount);
  return `${recordCount} records read, ${perSecond}/s, ${cpuMicros.toFixed(1)} µs of processor time each`;
}
