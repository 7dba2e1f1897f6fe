import { writeSync } from 'node:fs';
import { systemClock } from '@veto/domain';
import { startConsumer } from './start-consumer';

/** Consumes until it is killed, and writes a line for each record that it has handled: its offset. */
const [brokers = '', prefix = '', groupId = ''] = process.argv.slice(2);

await startConsumer({
  brokers: brokers.split(','),
  clientId: 'killed',
  groupId,
  topics: ['veto.transactions.v1'],
  topicPrefix: prefix,
  clock: systemClock,
  service: 'test',
  build: 'b1',
  // A member that was killed is only missed when its session is over.
  timings: { sessionTimeoutMs: 6_000 },
  handler: {
    concurrencyMax: 16,
    eachRecord: async ({ offset }) => {
      // Slower ones among faster ones, so that what is finished has gaps.
      await new Promise((resolve) => setTimeout(resolve, offset % 17 === 0 ? 25 : 1));
      writeSync(1, `${offset}\n`);
    },
  },
  onFatal: (error) => {
    process.stderr.write(`${error.stack ?? error.message}\n`);
    process.exit(1);
  },
});
