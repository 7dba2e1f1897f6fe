/**
 * The baseline of the stream loop, as a program of its own: bare kafkajs that consumes the same messages and produces
 * them again, 500 at a time with `acks=all`, and commits its offsets. With `count` only, it reads and does nothing.
 */
import { Kafka, logLevel, type EachBatchPayload } from 'kafkajs';

interface Plan {
  readonly brokers: string;
  readonly from: string;
  /** Null = only reads. */
  readonly to: string | null;
}

const plan = JSON.parse(process.argv[2] ?? '') as Plan;
const BATCH_COUNT = 500;
const kafka = new Kafka({
  clientId: 'bench-bare',
  brokers: plan.brokers.split(','),
  logLevel: logLevel.NOTHING,
});
const producer = kafka.producer({ allowAutoTopicCreation: false });
await producer.connect();

const tell = (message: unknown): void => void process.send?.(message);

async function pass({ batch, resolveOffset, heartbeat }: EachBatchPayload): Promise<void> {
  const { messages } = batch;
  for (let from = 0; from < messages.length; from += BATCH_COUNT) {
    const some = messages.slice(from, from + BATCH_COUNT);
    if (plan.to !== null)
      await producer.send({
        topic: plan.to,
        acks: -1,
        messages: some.map(({ key, value }) => ({ key, value })),
      });
    resolveOffset(some.at(-1)?.offset ?? '');
    await heartbeat();
  }
}

/** Takes `count` messages, from where the last run ended. */
async function run(count: number): Promise<void> {
  const consumer = kafka.consumer({ groupId: `${plan.from}-bare-${String(plan.to)}` });
  await consumer.connect();
  await consumer.subscribe({ topics: [plan.from], fromBeginning: true });
  let left = count;
  let cpu = process.cpuUsage();
  let startedMs = 0;
  await new Promise<void>((resolve, reject) => {
    const eachBatch = async (payload: EachBatchPayload): Promise<void> => {
      const { batch, commitOffsetsIfNecessary, uncommittedOffsets } = payload;
      if (startedMs === 0) {
        tell({ event: 'first' });
        startedMs = performance.now();
        cpu = process.cpuUsage();
      }
      await pass(payload);
      await commitOffsetsIfNecessary(uncommittedOffsets());
      left -= batch.messages.length;
      if (left <= 0) resolve();
    };
    consumer.run({ autoCommit: false, eachBatchAutoResolve: false, eachBatch }).catch(reject);
  });
  const { user, system } = process.cpuUsage(cpu);
  const decidedMs = performance.now() - startedMs;
  tell({ event: 'done', cpuUs: user + system, decidedMs, readMs: decidedMs, lessCount: 0 });
  await consumer.disconnect();
  tell({ event: 'idle' });
}

process.on('message', (message: { readonly count: number } | 'stop') => {
  if (message === 'stop') process.exit(0);
  void run(message.count);
});
tell({ event: 'idle' });
