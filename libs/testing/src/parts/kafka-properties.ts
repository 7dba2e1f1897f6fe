/** One broker of a cluster on the loopback interface. */
export interface BrokerPlace {
  /** ≥ 1 */
  readonly nodeId: number;
  readonly directory: string;
  readonly clientPort: number;
  /** What clients are told to connect to: a proxy's port, or `clientPort`. */
  readonly advertisedPort: number;
  readonly internalPort: number;
  readonly controllerPort: number;
}

/**
 * The broker's `server.properties`: KRaft, broker and controller in one process, nothing created by itself.
 * @param overrides whatever a test is about; they win
 */
export function kafkaProperties(
  broker: BrokerPlace,
  cluster: readonly BrokerPlace[],
  overrides: Readonly<Record<string, string>>,
): string {
  const properties = {
    ...placeOf(broker, cluster),
    ...replicationOf(cluster.length),
    ...SMALL,
    ...overrides,
  };
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

function placeOf(broker: BrokerPlace, cluster: readonly BrokerPlace[]): Record<string, string> {
  const at = (port: number): string => `127.0.0.1:${port}`;
  const voters = cluster.map(({ nodeId, controllerPort }) => `${nodeId}@${at(controllerPort)}`);
  const internal = `INTERNAL://${at(broker.internalPort)}`;
  return {
    'process.roles': 'broker,controller',
    'node.id': String(broker.nodeId),
    'controller.quorum.voters': voters.join(','),
    listeners: `CLIENT://${at(broker.clientPort)},${internal},CONTROLLER://${at(broker.controllerPort)}`,
    'advertised.listeners': `CLIENT://${at(broker.advertisedPort)},${internal}`,
    'listener.security.protocol.map': 'CLIENT:PLAINTEXT,INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'INTERNAL',
    'log.dirs': broker.directory,
  };
}

/** Three brokers keep what they acknowledged when one is lost. */
function replicationOf(brokerCount: number): Record<string, string> {
  const factor = String(Math.min(brokerCount, 3));
  const inSync = brokerCount < 3 ? '1' : '2';
  return {
    'default.replication.factor': factor,
    'min.insync.replicas': inSync,
    'offsets.topic.replication.factor': factor,
    'transaction.state.log.replication.factor': factor,
    'transaction.state.log.min.isr': inSync,
    'share.coordinator.state.topic.replication.factor': factor,
    'share.coordinator.state.topic.min.isr': inSync,
  };
}

/** Fit for two cores that the tests need as well, and for groups that come and go. */
const SMALL = {
  'auto.create.topics.enable': 'false',
  'group.initial.rebalance.delay.ms': '0',
  'offsets.topic.num.partitions': '4',
  'transaction.state.log.num.partitions': '4',
  'share.coordinator.state.topic.num.partitions': '1',
  'log.cleaner.dedupe.buffer.size': '4194304',
  'num.network.threads': '2',
  'num.io.threads': '4',
  'num.recovery.threads.per.data.dir': '1',
  // A broker that was killed may come back at once.
  'broker.session.timeout.ms': '3000',
  'broker.heartbeat.interval.ms': '500',
};
