import { kafkaClient } from '@veto/log';
import { startKafka, type KafkaPart } from '@veto/testing/parts';
import { buildCli, runCli, type CliRun } from '../cluster/built-cli.spec-support';

let kafka: KafkaPart;

beforeAll(async () => {
  [kafka] = await Promise.all([startKafka(), buildCli()]);
}, 90_000);

afterAll(async () => {
  await kafka.stop();
});

describe('replay topics', () => {
  const prefix = `topics-${process.pid}.`;
  const topics = (...more: readonly string[]): Promise<CliRun> =>
    runCli(
      'topics',
      '--brokers',
      kafka.brokers.join(),
      '--topic-prefix',
      prefix,
      '--replication',
      '1',
      ...more,
    );

  it('makes every topic, and changes nothing the second time', async () => {
    const first = await topics('--partitions', '3');
    expect(first.code).toBe(0);
    expect(first.stdout).toContain(`made       ${prefix}veto.decisions.v1`);
    const second = await topics('--partitions', '3');
    expect(second).toMatchObject({ code: 0, stderr: '' });
    expect(second.stdout).toMatch(/^(unchanged {2}\S+\n)+$/);
    expect(second.stdout.length).toBe(first.stdout.length);
  });

  it('names what differs and touches nothing, until it may alter it', async () => {
    const more = await topics('--partitions', '4');
    expect(more.code).toBe(1);
    expect(more.stderr).toContain(`${prefix}veto.decisions.v1: it has 3 partitions, must have 4`);
    expect(more.stderr).toContain('--alter');
    expect((await topics('--partitions', '4', '--alter')).stdout).toContain(
      `altered    ${prefix}veto.decisions.v1`,
    );
    expect((await topics('--partitions', '4')).code).toBe(0);
    const admin = kafkaClient({ brokers: kafka.brokers, clientId: 'test' }).admin();
    await admin.connect();
    const { topics: found } = await admin.fetchTopicMetadata({ topics: [`${prefix}veto.decisions.v1`] });
    await admin.disconnect();
    expect(found[0]?.partitions).toHaveLength(4);
  });

  it('asks for brokers when none is named, and for whole numbers', async () => {
    expect(await runCli('topics', '--brokers', '')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('name the brokers') as string,
    });
    expect(await topics('--partitions', 'many')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('--partitions many') as string,
    });
  });
});
