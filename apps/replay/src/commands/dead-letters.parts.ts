import { systemClock, TOPICS } from '@veto/domain';
import { applyTopics, BadRecord, kafkaClient, startConsumer } from '@veto/log';
import { startKafka, type KafkaPart } from '@veto/testing/parts';
import { buildCli, runCli, type CliRun } from '../cluster/built-cli.spec-support';

const prefix = `dlq-${process.pid}.`;
const topic = prefix + TOPICS.transactions;
let kafka: KafkaPart;

beforeAll(async () => {
  [kafka] = await Promise.all([startKafka(), buildCli()]);
  const place = { brokers: kafka.brokers, clientId: 'test', topicPrefix: prefix };
  await applyTopics({ ...place, partitions: 1, replicationFactor: 1 });
}, 90_000);

afterAll(async () => {
  await kafka.stop();
});

const dlq = (...args: readonly string[]): Promise<CliRun> =>
  runCli('dlq', ...args, '--brokers', kafka.brokers.join(), '--topic-prefix', prefix);

/** Consumes what is there; records that are no JSON are set aside. */
async function consume(values: readonly Buffer[], expectedCount: number): Promise<(Buffer | null)[]> {
  const producer = kafkaClient({ brokers: kafka.brokers, clientId: 'test' }).producer();
  await producer.connect();
  if (values.length > 0)
    await producer.send({ topic, messages: values.map((value) => ({ key: 'ten_a|cfp_1', value })) });
  await producer.disconnect();
  const seen: (Buffer | null)[] = [];
  const consumer = await startConsumer({
    brokers: kafka.brokers,
    clientId: 'test',
    groupId: `${prefix}stream`,
    topics: [TOPICS.transactions],
    topicPrefix: prefix,
    handler: {
      eachRecord: ({ value }) => {
        seen.push(value);
        if (value?.[0] !== 0x7b) return Promise.reject(new BadRecord('not JSON'));
        return Promise.resolve();
      },
    },
    clock: systemClock,
    service: 'test',
    build: 'b1',
    onFatal: (error) => {
      throw error;
    },
  });
  while (seen.length < expectedCount) await new Promise((resolve) => setTimeout(resolve, 20));
  await consumer.stop();
  return seen;
}

describe('replay dlq', () => {
  it('lists, shows and produces again what was set aside', async () => {
    expect((await dlq('list')).stdout).toBe('0 dead letters, 0 not redriven\n');
    await consume([Buffer.from('{}'), Buffer.from('nonsense'), Buffer.from([255, 0])], 3);

    const listed = await dlq('list');
    expect(listed.stdout).toContain(`${topic}/0/1  bad  not JSON  1 attempts  8 B`);
    expect(listed.stdout).toContain('2 dead letters, 2 not redriven');
    const lines = (await dlq('list', '--json')).stdout.trim().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { id: string }).id).sort()).toEqual([
      `${topic}/0/1`,
      `${topic}/0/2`,
    ]);

    const shown = await dlq('show', `${topic}/0/1`);
    expect(shown.stdout).toContain('value     nonsense');
    expect(shown.stdout).toContain('key       ten_a|cfp_1');
    const binary = await dlq('show', `${topic}/0/2`, '--json');
    expect(JSON.parse(binary.stdout)).toMatchObject({
      value_base64: Buffer.from([255, 0]).toString('base64'),
    });

    expect(await dlq('redrive', `${topic}/0/1`)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('1 redriven, 0 not') as string,
    });
    expect((await dlq('list')).stdout).toMatch(/\/0\/1 .* redriven \d{4}-/);
    expect((await dlq('redrive', '--all')).stdout).toContain('1 redriven, 0 not');
    expect((await dlq('list')).stdout).toContain('2 dead letters, 0 not redriven');
    const again = await consume([], 2);
    expect(again).toEqual([Buffer.from('nonsense'), Buffer.from([255, 0])]);
  }, 60_000);

  it('says what it does not know or was not told', async () => {
    expect(await dlq('show', 'no/0/1')).toMatchObject({
      code: 1,
      stderr: 'there is no dead letter no/0/1\n',
    });
    expect(await dlq('redrive', 'no/0/1')).toMatchObject({
      code: 1,
      stderr: 'there is no dead letter no/0/1\n',
    });
    expect((await dlq('redrive')).stderr).toContain('say --all');
    expect((await dlq('sing')).stderr).toContain('list, show ID or redrive ID');
  }, 60_000);
});
