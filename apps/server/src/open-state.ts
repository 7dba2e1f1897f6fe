import type { Clock, EventLog, StateStore } from '@veto/domain';
import type { Logger } from 'pino';
import { ClusterEvents } from './cluster/cluster-events';
import { openCluster, type Cluster } from './cluster/open-cluster';
import type { Configuration } from './configuration';
import type { DataDirectory } from './data-directory';
import { openEmbedded } from './open-embedded';
import type { Telemetry } from './telemetry/telemetry';

/** The log, and the state that is derived from it. */
export interface OpenedState {
  readonly log: EventLog;
  readonly store: StateStore;
  /** What the log's positions belong to. */
  readonly logId: string;
  /** True when other instances append to the same log. */
  readonly isShared: boolean;
  /** What a cluster has beyond that; null when embedded. */
  readonly cluster: Cluster | null;
}

/** Opens the log and the state as configured: in this process, or on Kafka and Redis. @throws VetoError a refusal to start */
export function openState(options: {
  readonly configuration: Configuration;
  readonly data: DataDirectory;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly telemetry: Telemetry;
}): Promise<OpenedState> {
  const { configuration, telemetry } = options;
  if (configuration.cluster === null) return openEmbedded(options);
  const events = new ClusterEvents(telemetry);
  return openCluster({ ...options, configuration: configuration.cluster, events });
}
