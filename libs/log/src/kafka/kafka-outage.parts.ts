import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { EventLog, StoredLogRecord } from '@veto/domain';
import { aTempDirectory, bundleScript, killAfter, type TempDirectory } from '@veto/testing';
import { startKafka, type KafkaPart } from '@veto/testing/parts';
import { openFileWriter, type OpenSegmentWriter } from '../segment/segment-writer';
import { Appenders } from './appenders.spec-support';
import type { KafkaLog, KafkaLogOptions } from './kafka-event-log';
import {
  aDecision,
  freshTopics,
  makeTopics,
  openTestLog,
  readAll,
  removeTopics,
  settled,
  textOf,
  until,
} from './kafka-log.spec-support';
import type { KafkaTrouble } from './kafka-trouble';

let kafka: KafkaPart;
let directory: TempDirectory;
let topicPrefix: string;
let troubles: KafkaTrouble[];
const opened: EventLog[] = [];

beforeAll(async () => {
  kafka = await startKafka({ own: true });
});
afterAll(async () => {
  await kafka.stop();
});
beforeEach(async () => {
  directory = await aTempDirectory();
  topicPrefix = await freshTopics(kafka.brokers);
  troubles = [];
});
afterEach(async () => {
  for (const log of opened.splice(0)) await log.close();
  await directory.remove();
});

async function openLog(path = directory.path, options: Partial<KafkaLogOptions> = {}): Promise<KafkaLog> {
  const onTrouble = (trouble: KafkaTrouble): number => troubles.push(trouble);
  const log = await openTestLog({
    brokers: kafka.brokers,
    directory: path,
    topicPrefix,
    onTrouble,
    ...options,
  });
  opened.push(log);
  return log;
}

const kindsOf = (): string[] => troubles.map(({ kind }) => kind);

/** Texts by key, in the order in which they lie on the log, each at its first place: what was sent again is the same bytes. */
function textsByKey(records: readonly StoredLogRecord[]): Record<string, string[]> {
  const texts: Record<string, string[]> = {};
  for (const record of records) {
    const own = (texts[record.key] ??= []);
    if (!own.includes(textOf(record))) own.push(textOf(record));
  }
  return texts;
}

// The longest is beyond every deadline: that of a request and that of a stalled fetch.
describe.each([
  ['stopped', 'SIGTERM', 5_000],
  ['killed', 'SIGKILL', 5_000],
  ['stopped', 'SIGTERM', 18_000],
] as const)('a broker that is %s (%s) and stays away for %i ms', (_, signal, awayMs) => {
  it('holds up nobody, and has everything afterwards, in the order of each key', async () => {
    const log = await openLog();
    const appenders = new Appenders(log, 8);
    await pause(500);
    await kafka.kill(signal);
    await pause(awayMs);
    expect(log.durability()).toBe('wal');
    expect(log.spooled()).toBeGreaterThan(0);
    await kafka.start();
    const backAtMs = performance.now();
    await until(() => log.durability() === 'log', 'drained');
    const drainedMs = performance.now() - backAtMs;
    await pause(300);
    await appenders.stop();
    await settled(log);
    const texts = textsByKey(await readAll(log));
    expect(texts).toEqual(appenders.acknowledged);
    // All who waited when it went away had an answer within the 300 ms after which records are kept on disk.
    expect(Math.max(...appenders.latencyMs)).toBeLessThan(2_000);
    expect(kindsOf()).toEqual(expect.arrayContaining(['spooling', 'drained', 'copy_behind', 'copy_resumed']));
    const sorted = [...appenders.latencyMs].sort((a, b) => a - b);
    const p99 = sorted[Math.floor(sorted.length * 0.99)];
    process.stdout.write(
      `${signal} ${awayMs} ms: ${sorted.length} appends, p99 ${p99?.toFixed(0)} ms, drained ${drainedMs.toFixed(0)} ms after the broker's return\n`,
    );
  });
});

describe('a broker that is slow and not gone', () => {
  it('holds nobody up for longer than was said, and is not sent again what it took in the end', async () => {
    const log = await openLog();
    for (const key of ['a', 'b', 'c']) await log.appendReadable([aDecision(key, `${key} before`)]);
    await kafka.kill('SIGSTOP');
    const startedAt = performance.now();
    await Promise.all(['a', 'b', 'c'].map((key) => log.append([aDecision(key, `${key} slow`)])));
    const waitedMs = performance.now() - startedAt;
    await log.append([aDecision('a', 'a kept')]);
    expect(log.durability()).toBe('wal');
    await pause(1_500);
    await kafka.kill('SIGCONT');
    await settled(log);
    expect(waitedMs).toBeGreaterThan(290);
    expect(waitedMs).toBeLessThan(1_500);
    // Each once: the slow request was waited for before anything was sent again.
    expect((await readAll(log)).map(textOf).sort()).toEqual([
      'a before',
      'a kept',
      'a slow',
      'b before',
      'b slow',
      'c before',
      'c slow',
    ]);
    expect(textsByKey(await readAll(log))['ten_test|a']).toEqual(['a before', 'a slow', 'a kept']);
  });
});

describe('an instance that is killed', () => {
  it('has every acknowledged record after several kills, and none twice but those that it sent twice', async () => {
    const script = bundleScript('libs/log/src/kafka/append-until-killed.spec-support.ts', [
      'zod',
      'kafkajs',
      'lz4-napi',
      'snappyjs',
      'fzstd',
      'fast-check',
    ]);
    const acknowledged: string[] = [];
    const args = [kafka.brokers.join(','), directory.path, topicPrefix];
    for (let round = 0; round < 4; round++)
      acknowledged.push(...(await killAfter(script, [...args, String(round)], 150 + 170 * round)));
    const log = await openLog();
    await settled(log);
    const records = await readAll(log);
    const texts = new Set(records.map(textOf));
    expect(acknowledged.filter((text) => !texts.has(text))).toEqual([]);
    expect(acknowledged.length).toBeGreaterThan(50);
    // A copy from nothing holds the same: what was resumed after a kill neither lost nor repeated.
    const fresh = await aTempDirectory();
    try {
      const anew = await openLog(fresh.path);
      await settled(anew);
      expect((await readAll(anew)).map(textOf).sort()).toEqual(records.map(textOf).sort());
    } finally {
      await fresh.remove();
    }
  });

  it('passes on after its restart what it had kept while Kafka was away', async () => {
    const log = await openLog();
    await log.append([aDecision('a', 'before')]);
    await settled(log);
    await kafka.kill('SIGKILL');
    await log.append([aDecision('a', 'kept 1')]);
    await log.append([aDecision('a', 'kept 2'), aDecision('b', 'kept 3')]);
    expect(log.durability()).toBe('wal');
    // As a kill would leave it; and it starts while Kafka is still away.
    const survivor = await openLog(await directory.copy());
    await log.close();
    expect(survivor.durability()).toBe('wal');
    expect(await survivor.appendReadable([aDecision('a', 'kept 4')])).toBeNull();
    expect((await readAll(survivor)).map(textOf)).toEqual(['before']);
    await kafka.start();
    await settled(survivor);
    expect(textsByKey(await readAll(survivor))).toEqual({
      'ten_test|a': ['before', 'kept 1', 'kept 2', 'kept 4'],
      'ten_test|b': ['kept 3'],
    });
  });

  it('makes its copy anew when it was removed, and keeps its id', async () => {
    const log = await openLog();
    for (let i = 0; i < 20; i++) await log.append([aDecision(`id_${i}`)]);
    await settled(log);
    const before = (await readAll(log)).map(textOf).sort();
    const { instanceId } = log;
    await log.close();
    await rm(join(directory.path, 'copy'), { recursive: true });
    const again = await openLog();
    await settled(again);
    expect((await readAll(again)).map(textOf).sort()).toEqual(before);
    expect(again.instanceId).toBe(instanceId);
  });
});

describe('a write-ahead file on a full disk', () => {
  it('refuses while Kafka is away, and takes records again when there is room', async () => {
    let isFull = false;
    const openSpoolWriter: OpenSegmentWriter = async (path) => {
      const writer = await openFileWriter(path);
      const attempt = (): void => {
        if (isFull) throw Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' });
      };
      return {
        write: async (bytes, at) => {
          attempt();
          await writer.write(bytes, at);
        },
        sync: () => writer.sync(),
        truncate: (byteLength) => writer.truncate(byteLength),
        close: () => writer.close(),
      };
    };
    const log = await openLog(directory.path, { openSpoolWriter });
    await log.append([aDecision('a', 'before')]);
    await kafka.kill('SIGKILL');
    await log.append([aDecision('a', 'kept')]);
    isFull = true;
    await expect(log.append([aDecision('a', 'refused')])).rejects.toMatchObject({
      code: 'log_unavailable',
      retryable: true,
    });
    isFull = false;
    await log.append([aDecision('a', 'kept too')]);
    await kafka.start();
    await settled(log);
    expect(textsByKey(await readAll(log))).toEqual({ 'ten_test|a': ['before', 'kept', 'kept too'] });
  });

  it('refuses beyond its limit, and forgets the limit when it was drained', async () => {
    const log = await openLog(directory.path, { spoolBytesMax: 400 });
    await log.append([aDecision('a', 'before')]);
    await kafka.kill('SIGKILL');
    await log.append([aDecision('a', 'x'.repeat(200))]);
    await expect(log.append([aDecision('a', 'y'.repeat(200))])).rejects.toMatchObject({
      code: 'log_unavailable',
      message: expect.stringContaining('of at most 400'),
    });
    await kafka.start();
    await settled(log);
    await kafka.kill('SIGKILL');
    await log.append([aDecision('a', 'z'.repeat(200))]);
    await kafka.start();
    await settled(log);
    expect(textsByKey(await readAll(log))['ten_test|a']).toEqual([
      'before',
      'x'.repeat(200),
      'z'.repeat(200),
    ]);
  });
});

describe('a broker that lost what was copied from it', () => {
  it('is gone along with, and its losses are told', async () => {
    const log = await openLog();
    for (let i = 0; i < 5; i++) await log.append([aDecision('a', `lost ${i}`)]);
    await settled(log);
    await log.close();
    await removeTopics(kafka.brokers, topicPrefix);
    await makeTopics(kafka.brokers, topicPrefix);
    const again = await openLog();
    await until(() => kindsOf().includes('log_went_back'), 'the losses are told');
    const [trouble] = troubles.filter(({ kind }) => kind === 'log_went_back');
    expect(trouble).toMatchObject({ copied: 5, held: 0 });
    const position = await again.appendReadable([aDecision('a', 'next')]);
    const records = await readAll(again);
    expect(records.map(textOf)).toEqual(['lost 0', 'lost 1', 'lost 2', 'lost 3', 'lost 4', 'next']);
    expect(records.at(-1)?.position).toBe(position);
  });
});
