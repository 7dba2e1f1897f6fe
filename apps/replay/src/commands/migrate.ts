import { historyEventOf } from '@veto/decision';
import { systemClock, TOPICS, type EpochOpened, type Topic } from '@veto/domain';
import { openKafkaAppender, type KafkaAppender } from '@veto/log';
import { inspectRedis, readShardStates, rebuildShards, type ShardState } from '@veto/store';
import { clusterLog } from '../cluster/cluster-log';
import { kafkaOf, requireBrokers, requireRedis, type ClusterPlace } from '../cluster/cluster-place';
import { scanCluster } from '../cluster/scan-cluster';
import { EmbeddedData } from '../migrate/embedded-data';
import { PresentRecords } from '../migrate/present-records';
import { startProgress } from '../progress';

export interface MigrateCommand {
  /** Data directory of a stopped server. */
  readonly data: string;
}

/** Topics that are moved. What was received lies in the decisions' own headers afterwards. */
const MOVED_TOPICS: readonly Topic[] = [TOPICS.decisions, TOPICS.caseEvents, TOPICS.labels, TOPICS.lists];
/** Orphans that are named. */
const NAMED_COUNT_MAX = 5;

/**
 * Moves the data of a server in one process to Kafka and Redis: every value byte for byte, with its (epoch, seq) and its
 * time. An attempt that was interrupted is gone on with.
 * @returns the exit code: 1 when the two states differ afterwards
 * @throws Error that says why nothing was written, and what to do
 */
export async function migrate(place: ClusterPlace, { data }: MigrateCommand): Promise<number> {
  requireBrokers(place, 'migrate');
  await requireRedis(place, 'migrate');
  const embedded = await EmbeddedData.open(data);
  try {
    const topics = [...MOVED_TOPICS, TOPICS.epochs];
    const { topicPrefix } = place;
    const appender = await openKafkaAppender({ ...kafkaOf(place), topicPrefix, topics });
    try {
      return await move(place, embedded, appender);
    } finally {
      await appender.close();
    }
  } finally {
    await embedded.close();
  }
}

async function move(place: ClusterPlace, embedded: EmbeddedData, appender: KafkaAppender): Promise<number> {
  const target = await readTarget(place);
  let missingCount = 0;
  const { orphans, digest } = await embedded.walk((records) => {
    for (const record of records)
      if (!target.present.recognise(record, appender.partitionOf(record))) missingCount++;
  });
  refuseOrphans(orphans);
  refuseUsed(target, missingCount);
  await appendMissing({ embedded, appender, present: target.present, missingCount });
  console.log(`${missingCount} records moved`);
  const redisDigest = await openShards(place, target);
  console.log(`embedded ${digest}\ncluster  ${redisDigest}`);
  if (digest === redisDigest) return 0;
  console.error('the two states differ: keep the data directory, and start no instance on this cluster');
  return 1;
}

/** What is there already. */
interface Target {
  readonly present: PresentRecords;
  /** The last epoch of each shard on the log. */
  readonly epochs: ReadonlyMap<number, number>;
  readonly shards: readonly ShardState[];
}

async function readTarget(place: ClusterPlace): Promise<Target> {
  const present = new PresentRecords();
  const epochs = new Map<number, number>();
  await scanCluster(place, {
    topics: [...MOVED_TOPICS, TOPICS.epochs],
    take: (records) => {
      for (const record of records) {
        if (record.topic !== TOPICS.epochs) present.add(record, record.source.partition);
        else {
          const { shard, epoch } = JSON.parse(Buffer.from(record.value).toString()) as EpochOpened;
          epochs.set(shard, Math.max(epoch, epochs.get(shard) ?? 0));
        }
      }
    },
  });
  return { present, epochs, shards: await readShardStates(place.redisUrls) };
}

function refuseOrphans(orphans: readonly { readonly id: string; readonly seq: number }[]): void {
  if (orphans.length === 0) return;
  const named = orphans.slice(0, NAMED_COUNT_MAX).map(({ id, seq }) => `${id} (seq ${seq})`);
  throw new Error(
    `${orphans.length} payments were received and never decided: ${named.join(', ')}. Nothing was written. ` +
      'Start the server on this directory once; it finishes them within seconds. Then stop it and migrate again.',
  );
}

/** Only what an earlier attempt left may be there; epochs come when everything is moved. */
function refuseUsed({ present, epochs, shards }: Target, missingCount: number): void {
  const strange = present.strange();
  if (strange !== null) refuse(`${strange.partition}@${strange.offset} is not of this data directory`);
  if (missingCount > 0 && epochs.size > 0) refuse('its log has epochs already');
  for (const { shard, opened, seq } of shards) {
    const isOwn = opened !== null && epochs.get(shard) === opened.epoch;
    if (!isOwn && (opened !== null || seq > 0))
      refuse(`the Redis of shard ${shard} has a state at seq ${seq}`);
  }
}

function refuse(why: string): never {
  throw new Error(`the target is not empty: ${why}. Nothing was written.`);
}

async function appendMissing(of: {
  readonly embedded: EmbeddedData;
  readonly appender: KafkaAppender;
  readonly present: PresentRecords;
  readonly missingCount: number;
}): Promise<void> {
  const { embedded, appender, present, missingCount } = of;
  if (missingCount === 0) return;
  present.rewind();
  let count = 0;
  const progress = startProgress({
    total: missingCount,
    done: () => count,
    count: () => count,
    what: 'records',
  });
  try {
    await embedded.walk(async (records) => {
      const missing = records.filter((record) => !present.recognise(record, appender.partitionOf(record)));
      await appender.append(missing);
      count += missing.length;
    });
  } finally {
    progress.stop();
  }
}

/** Opens the first epoch of the cluster, unless that was done. @returns the digest of what Redis holds */
async function openShards(place: ClusterPlace, { epochs, shards }: Target): Promise<string> {
  const isDone = shards.every(({ shard, opened }) => opened !== null && opened.epoch === epochs.get(shard));
  if (!isDone) {
    const rebuilt = await rebuildShards({
      urls: place.redisUrls,
      log: clusterLog(place, () => undefined),
      clock: systemClock,
      historyEventOf,
      // Nobody decides here yet.
      doubtMs: 0,
    });
    for (const { shard, epoch, firstSeq } of rebuilt.shards)
      console.log(`shard ${shard}: epoch ${epoch} is open, from seq ${firstSeq} on`);
  }
  return (await inspectRedis(place.redisUrls)).digest;
}
