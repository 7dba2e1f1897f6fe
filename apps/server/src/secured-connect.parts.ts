import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startConnect, workspaceRoot, type ConnectPart } from '@veto/testing/parts';
import { aFreshPayment, SecuredCluster } from './a-secured-cluster.spec-support';
import { until } from './a-server.spec-support';

describe('Kafka Connect with a login and over TLS', () => {
  let cluster: SecuredCluster;
  let connect: ConnectPart;
  const shipped = (name: string): string => join(workspaceRoot(), 'docker/connect', name);
  const textOf = (path: string): string => readFileSync(path, 'utf8');

  beforeAll(async () => {
    cluster = await SecuredCluster.start();
    await cluster.replay('topics', 'topics', '--replication', '1', '--partitions', '3');
    await cluster.instance('stream');
    // As its comments say, with the lines for an authority of one's own.
    const secured = textOf(shipped('secured.properties')).replace(/^#(\S*ssl\.)/gm, '$1');
    writeFileSync(cluster.file('worker.properties'), textOf(shipped('worker.properties')) + secured);
    for (const name of ['payments.ndjson', 'decisions.ndjson']) writeFileSync(cluster.file(name), '');
    connect = await startConnect({
      brokers: cluster.kafka.brokers,
      worker: cluster.file('worker.properties'),
      connectors: ['transactions-source.properties', 'decisions-sink.properties'].map(shipped),
      environment: {
        KAFKA_SSL_CA_FILE: cluster.file('ca.pem'),
        KAFKA_SASL_MECHANISM: 'SCRAM-SHA-512',
        KAFKA_SASL_USERNAME: 'connect',
        KAFKA_SASL_PASSWORD: textOf(cluster.file('connect')).trim(),
        CONNECT_TENANT: 'demo',
        CONNECT_TRANSACTIONS_FILE: cluster.file('payments.ndjson'),
        CONNECT_DECISIONS_FILE: cluster.file('decisions.ndjson'),
      },
    });
  });

  afterAll(async () => {
    await connect.stop();
    await cluster.stop();
  });

  it('brings payments of a file to their decisions in a file, by the documented rights', async () => {
    const payments = Array.from({ length: 20 }, () => aFreshPayment());
    for (const payment of payments)
      appendFileSync(cluster.file('payments.ndjson'), `${JSON.stringify(payment)}\n`);
    const decided = (): string[] =>
      textOf(cluster.file('decisions.ndjson')).match(/"transaction_id":"ord_\d+"/g) ?? [];
    await until(() => new Set(decided()).size === payments.length, 60_000);
    expect(cluster.kafka.logOf()).not.toMatch(/is Denied/i);
  });
});
