import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { VetoError, type Topic } from '@veto/domain';
import type { TopicPartitions } from './topic-partitions';

/** What an instance knows of Kafka from the last time that it answered. */
export interface KnownCluster {
  readonly clusterId: string;
  readonly partitions: TopicPartitions;
}

const FILE = 'cluster.json';

interface ClusterFile {
  readonly cluster_id: string;
  readonly partitions: Readonly<Record<string, number>>;
}

/**
 * Keeps what Kafka said, so that an instance can start while Kafka is away.
 * @throws VetoError configuration_invalid when the directory belongs to another cluster: the offsets of its copy would
 *   mean other records there
 */
export async function rememberCluster(directory: string, cluster: KnownCluster): Promise<void> {
  const known = await readCluster(directory);
  if (known !== null && known.cluster_id !== cluster.clusterId) {
    const message = `${directory} holds a copy of the Kafka cluster ${known.cluster_id}, and this is ${cluster.clusterId}: give another directory, or remove this one`;
    throw new VetoError('configuration_invalid', message);
  }
  const path = join(directory, FILE);
  const partitions = { ...known?.partitions, ...Object.fromEntries(cluster.partitions) };
  const file: ClusterFile = { cluster_id: cluster.clusterId, partitions };
  await writeFile(`${path}.tmp`, JSON.stringify(file), { flush: true });
  await rename(`${path}.tmp`, path);
}

/** How many partitions the topics had when Kafka was last asked; null when some topic was never asked for. */
export async function recallPartitions(
  directory: string,
  topics: readonly Topic[],
): Promise<TopicPartitions | null> {
  const known = await readCluster(directory);
  const counts = topics.map((topic) => [topic, known?.partitions[topic]] as const);
  return counts.every((entry): entry is readonly [Topic, number] => entry[1] !== undefined)
    ? new Map(counts)
    : null;
}

async function readCluster(directory: string): Promise<ClusterFile | null> {
  const text = await readFile(join(directory, FILE), 'utf8').catch(() => null);
  return text === null ? null : (JSON.parse(text) as ClusterFile);
}
