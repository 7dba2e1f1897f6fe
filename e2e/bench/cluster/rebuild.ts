import { startRedis } from '@veto/testing/parts';
import type { Figure } from './figures';
import { PREFIXES, type Stand } from './stand';
import { Worker } from './worker';

/** Makes an empty Redis anew from the log by the command that an operator uses, against bare kafkajs that only reads it. */
export async function measureRebuild(stand: Stand): Promise<Figure> {
  const redis = await startRedis({ own: true });
  try {
    const out = await stand.replay(['rebuild', '--topic-prefix', PREFIXES.redis], redis.url);
    const read =
      /^(\d+) events of (\d+) entities in ([\d.]+) s; \d+ records read, (\d+)\/s, ([\d.]+) µs of processor/m.exec(
        out,
      );
    if (read === null) throw new Error(`a rebuild said something else than its figures:\n${out}`);
    const [events = 0, entities, seconds, perSecond = 0, cpuUs] = read.slice(1).map(Number);
    const bare = await readBare(stand, events);
    return {
      name: 'rebuild from Kafka',
      value: perSecond,
      unit: 'records/s',
      goal: '≥ 60000',
      met: perSecond >= 60_000,
      detail:
        `read and folded at ${cpuUs} µs of processor each; ${events} events, ${entities} entities loaded and read back ` +
        `in ${seconds} s in all; bare kafkajs reads the same topic at ${Math.round(bare.perSecond)}/s, ${bare.cpuUs.toFixed(1)} µs`,
    };
  } finally {
    await redis.stop();
  }
}

async function readBare(
  { brokers }: Stand,
  count: number,
): Promise<{ readonly perSecond: number; readonly cpuUs: number }> {
  const from = `${PREFIXES.redis}veto.decisions.v1`;
  const reader = new Worker('the bare reader', 'bare-loop', { brokers, from, to: null });
  try {
    await reader.next('idle');
    reader.send({ count });
    const done = await reader.next('done');
    return { perSecond: (count / Number(done['decidedMs'])) * 1_000, cpuUs: Number(done['cpuUs']) / count };
  } finally {
    await reader.stop();
  }
}
