import { randomBytes } from 'node:crypto';
import { historyEventOf } from '@veto/decision';
import type { Clock } from '@veto/domain';
import { openKafkaLog, type KafkaLog } from '@veto/log';
import { checkRedisAccess, openRedisStore, type RedisStore } from '@veto/store';
import { join } from 'node:path';
import type { ClusterConfiguration } from '../configuration';
import type { DataDirectory } from '../data-directory';
import { keptText, logIdAt } from '../log-id';
import type { OpenedState } from '../open-state';
import type { ClusterEvents } from './cluster-events';

/** The log on Kafka and the state in Redis, as this instance has them. */
export interface Cluster {
  readonly log: KafkaLog;
  readonly store: RedisStore;
  /** What this instance goes by. */
  readonly instance: string;
  readonly configuration: ClusterConfiguration;
  readonly events: ClusterEvents;
}

/**
 * Joins the others.
 * @throws VetoError configuration_invalid when a topic is missing, or Kafka or Redis do not let us in; log_unavailable when Kafka does not answer and this
 *   instance was never there before; log_locked | log_corrupt | store_unavailable
 */
export async function openCluster(options: {
  readonly data: DataDirectory;
  readonly clock: Clock;
  readonly configuration: ClusterConfiguration;
  readonly events: ClusterEvents;
}): Promise<OpenedState> {
  const { data, clock, configuration, events } = options;
  const instance =
    configuration.instance ?? keptText(data.instance, () => `veto-${randomBytes(4).toString('hex')}`);
  const log = await openKafkaLog({
    ...configuration.kafka,
    clientId: instance,
    directory: data.log,
    clock,
    topicPrefix: configuration.topicPrefix,
    compression: configuration.compression,
    spoolBytesMax: configuration.spoolBytesMax,
    onTrouble: events.ofLog,
    onLog: events.ofKafkajs,
  });
  try {
    await checkRedisAccess(configuration.redisUrls);
    const store = await openRedisStore({
      urls: configuration.redisUrls,
      log,
      directory: data.store,
      clock,
      historyEventOf,
      budgetMs: configuration.stateBudgetMs,
      onEvent: events.ofStore,
      onIgnored: events.ofIgnored,
    });
    const cluster: Cluster = { log, store, instance, configuration, events };
    return { log, store, logId: logIdAt(join(data.log, 'copy')), isShared: true, cluster };
  } catch (error) {
    await log.close();
    throw error;
  }
}
