import { VetoError } from '@veto/domain';
import { applyTopics, refusalOf } from '@veto/log';
import { kafkaOf, requireBrokers, type ClusterPlace } from '../cluster/cluster-place';

export interface TopicsCommand {
  /** Partitions of the topics that have more than one; null = as many as is usual. */
  readonly partitions: number | null;
  /** Copies of each partition; null = as many as is usual. */
  readonly replication: number | null;
  /** Make right what differs. */
  readonly alter: boolean;
}

/** Makes the topics what they must be. @returns the exit code: 1 when something differs and may not be altered */
export async function topics(place: ClusterPlace, command: TopicsCommand): Promise<number> {
  requireBrokers(place, 'topics');
  try {
    const { created, altered, unchanged } = await applyTopics({
      ...kafkaOf(place),
      topicPrefix: place.topicPrefix,
      alter: command.alter,
      ...(command.partitions !== null && { partitions: command.partitions }),
      ...(command.replication !== null && { replicationFactor: command.replication }),
    });
    for (const name of created) console.log(`made       ${name}`);
    for (const name of altered) console.log(`altered    ${name}`);
    for (const name of unchanged) console.log(`unchanged  ${name}`);
    return 0;
  } catch (error) {
    if (!(error instanceof VetoError) || error.code !== 'configuration_invalid') throw error;
    // Whoever is not let in can alter nothing.
    const isRefused = refusalOf(error.cause) !== null;
    console.error(
      isRefused ? error.message : `${error.message}\nrun it with --alter to make right what can be`,
    );
    return 1;
  }
}
