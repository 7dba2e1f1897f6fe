import type { CertificateAuthority } from './certificate-authority';

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

/** What clients must do to be let in. The harness itself comes in by a door of its own. */
export interface KafkaSecurity {
  /** Signs the brokers' certificates, and is the one whose clients' certificates count. */
  readonly authority: CertificateAuthority;
  /** Passwords by user: each may log in by PLAIN, SCRAM-SHA-256 and SCRAM-SHA-512. */
  readonly users: Readonly<Record<string, string>>;
  /** Whether a user may do only what an ACL says; everything otherwise. */
  readonly hasAcls?: boolean;
  /** Whether clients must also show a certificate. */
  readonly wantsCertificates?: boolean;
}

/**
 * The broker's `server.properties`: KRaft, broker and controller in one process, nothing created by itself.
 * @param of overrides: whatever a test is about; they win
 */
export function kafkaProperties(
  broker: BrokerPlace,
  cluster: readonly BrokerPlace[],
  {
    overrides,
    security,
  }: { readonly overrides: Readonly<Record<string, string>>; readonly security: KafkaSecurity | null },
): string {
  const properties = {
    ...placeOf(broker, cluster),
    ...(security !== null && securityOf(broker, security)),
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

/** Where a broker's key and certificates lie. */
export function storesOf({ directory }: BrokerPlace): { readonly key: string; readonly trust: string } {
  return { key: `${directory}.key.pem`, trust: `${directory}.trust.pem` };
}

function securityOf(broker: BrokerPlace, security: KafkaSecurity): Record<string, string> {
  const { users, hasAcls = false, wantsCertificates = false } = security;
  const client = 'listener.name.client.';
  const module = 'org.apache.kafka.common.security';
  const passwords = Object.entries(users).map(([user, password]) => `user_${user}="${password}"`);
  const stores = storesOf(broker);
  return {
    'listener.security.protocol.map': 'CLIENT:SASL_SSL,INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT',
    [`${client}ssl.keystore.type`]: 'PEM',
    [`${client}ssl.keystore.location`]: stores.key,
    [`${client}ssl.truststore.type`]: 'PEM',
    [`${client}ssl.truststore.location`]: stores.trust,
    [`${client}ssl.client.auth`]: wantsCertificates ? 'required' : 'none',
    [`${client}sasl.enabled.mechanisms`]: 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
    [`${client}plain.sasl.jaas.config`]: `${module}.plain.PlainLoginModule required ${passwords.join(' ')};`,
    [`${client}scram-sha-256.sasl.jaas.config`]: `${module}.scram.ScramLoginModule required;`,
    [`${client}scram-sha-512.sasl.jaas.config`]: `${module}.scram.ScramLoginModule required;`,
    ...(hasAcls && {
      'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      // Whoever comes by a door that asks for no name: brokers and the harness.
      'super.users': 'User:ANONYMOUS',
    }),
  };
}

/** What `format` writes down, so that users can log in from the first moment. */
export function scramArguments({ users }: KafkaSecurity): string[] {
  return Object.entries(users).flatMap(([user, password]) =>
    ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((mechanism) => [
      '--add-scram',
      `${mechanism}=[name=${user},password=${password}]`,
    ]),
  );
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
