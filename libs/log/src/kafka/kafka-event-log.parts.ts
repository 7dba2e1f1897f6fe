import { truncate, stat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { EventLog } from '@veto/domain';
import { aTempDirectory, eventLogConformance, WAITING_RECORD_COUNT_MAX } from '@veto/testing';
import { startKafka, type KafkaPart } from '@veto/testing/parts';
import { freshTopics, openTestLog, settled } from './kafka-log.spec-support';

let kafka: KafkaPart;
beforeAll(async () => {
  kafka = await startKafka({ own: true });
});
afterAll(async () => {
  await kafka.stop();
});

eventLogConformance('the log on Kafka', async () => {
  const topicPrefix = await freshTopics(kafka.brokers);
  const directory = await aTempDirectory();
  const opened: EventLog[] = [];
  const openAt = async (path: string): Promise<EventLog> => {
    const log = await openTestLog({
      brokers: kafka.brokers,
      directory: path,
      topicPrefix,
      waitingRecordCountMax: WAITING_RECORD_COUNT_MAX,
      // A busy machine is no outage: without one, nothing is written twice.
      slowAfterMs: 10_000,
    });
    opened.push(log);
    return log;
  };
  const log = await openAt(directory.path);
  return {
    log,
    order: 'key',
    settled,
    reopen: async () => {
      await log.close();
      return openAt(directory.path);
    },
    crash: async () => openAt(await directory.copy()),
    tear: async () => {
      const copied = await directory.copy();
      const folder = join(copied, 'copy');
      const names = (await readdir(folder)).filter((name) => name.endsWith('.log')).sort();
      const file = join(folder, names.at(-1) ?? '');
      await truncate(file, (await stat(file)).size - 1);
      return openAt(copied);
    },
    sever: async () => {
      await kafka.kill('SIGKILL');
      return () => kafka.start();
    },
    dispose: async () => {
      for (const each of opened) await each.close();
      await directory.remove();
    },
  };
});
