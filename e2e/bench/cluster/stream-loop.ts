import { join } from 'node:path';
import { median, type Figure } from './figures';
import { areasOf } from './profile-areas';
import { bodyOf, keyOf, type Timeline } from './payments';
import { openRedisCpu } from './redis-cpu';
import { BARE_TOPIC, INBOUND_PREFIX, INBOUND_TOPIC, PREFIXES, produce, type Stand } from './stand';
import { Worker } from './worker';

export interface StreamLoopPlan {
  readonly fillingCount: number;
  readonly paymentCount: number;
  readonly rounds: number;
  readonly timeline: Timeline;
  /** Where to write processor profiles of a round more; null = none. */
  readonly profiles: string | null;
}

/** What one round cost. */
interface Cost {
  /** µs of processor of the process, for each payment. */
  readonly nodeUs: number;
  readonly redisUs: number;
  readonly perSecond: number;
  /** Until all of it was copied back and folded by the views, too. */
  readonly readPerSecond: number;
  /** Payments that were not decided in full and on Kafka: the machine was too busy for the product's own deadlines. */
  readonly lessCount: number;
}

/** Rounds that do not count are made up for, up to twice as many. */
export const TRIES = 2;

const ARMS = ['bare', 'redis', 'process'] as const;
type Arm = (typeof ARMS)[number];
type Round = Readonly<Record<Arm, Cost>>;

/**
 * The whole stream loop against the bare one: rounds of the same messages, which lie on the topic before anybody reads
 * them, each by all three in turn.
 */
export async function measureStreamLoop(stand: Stand, plan: StreamLoopPlan): Promise<readonly Figure[]> {
  const cpu = await openRedisCpu(stand.redis.url);
  const workers = startWorkers(stand);
  const one = async (arm: Arm, count: number, profile?: string): Promise<Cost> => {
    const worker = workers[arm];
    worker.send({ count, ...(profile !== undefined && { profile }) });
    await worker.next('first');
    const before = await cpu.read();
    const done = await worker.next('done');
    const redisUs = (await cpu.read()) - before;
    await worker.next('idle');
    return {
      nodeUs: Number(done['cpuUs']) / count,
      redisUs: redisUs / count,
      perSecond: (count / Number(done['decidedMs'])) * 1_000,
      readPerSecond: (count / Number(done['readMs'])) * 1_000,
      lessCount: Number(done['lessCount']),
    };
  };
  const profileLoops = async (directory: string): Promise<void> => {
    await lay(stand, plan, plan.paymentCount);
    for (const arm of ['redis', 'process'] as const) {
      const path = join(directory, `stream-${arm}.cpuprofile`);
      const { nodeUs } = await one(arm, plan.paymentCount, path);
      printAreas(path, nodeUs);
    }
  };
  try {
    for (const arm of ARMS) await workers[arm].next('idle');
    await lay(stand, plan, plan.fillingCount);
    for (const arm of ARMS) await one(arm, plan.fillingCount);
    const whole: Round[] = [];
    for (let round = 0; round < TRIES * plan.rounds && whole.length < plan.rounds; round++) {
      await lay(stand, plan, plan.paymentCount);
      const costs: Partial<Record<Arm, Cost>> = {};
      for (let turn = 0; turn < ARMS.length; turn++) {
        const arm = ARMS[(round + turn) % ARMS.length]!;
        costs[arm] = await one(arm, plan.paymentCount);
      }
      if (ARMS.every((arm) => costs[arm]?.lessCount === 0)) whole.push(costs as Round);
      else console.log(`    a round does not count: ${JSON.stringify(costs)}`);
    }
    console.log(JSON.stringify({ bench: 'cluster-stream', rounds: whole }));
    if (plan.profiles !== null) await profileLoops(plan.profiles);
    return figuresOf(whole, plan);
  } finally {
    cpu.close();
    for (const arm of ARMS) await workers[arm].stop('stop');
  }
}

/** What a payment costs by parts of the work. The profiler's own time is in it: the shares are what counts. */
function printAreas(path: string, nodeUs: number): void {
  console.log(`    ${path}: ${nodeUs.toFixed(1)} µs a payment while profiled, of which`);
  for (const { area, share } of areasOf(path, 'dist/bench/stream-loop.mjs'))
    console.log(
      `    ${(share * 100).toFixed(1).padStart(5)} %  ${(share * nodeUs).toFixed(1).padStart(6)} µs  ${area}`,
    );
}

function startWorkers({ brokers, redis, directory }: Stand): Record<Arm, Worker> {
  const loop = (state: 'redis' | 'process'): Worker =>
    new Worker(`the loop with its state in ${state}`, 'stream-loop', {
      state,
      brokers,
      redisUrl: redis.url,
      topicPrefix: PREFIXES[state],
      inboundPrefix: INBOUND_PREFIX,
      dataDirectory: join(directory, state),
    });
  return {
    bare: new Worker('the bare loop', 'bare-loop', { brokers, from: INBOUND_TOPIC, to: BARE_TOPIC }),
    redis: loop('redis'),
    process: loop('process'),
  };
}

async function lay(stand: Stand, { timeline }: StreamLoopPlan, count: number): Promise<void> {
  const messages = Array.from({ length: count }, () => {
    const one = timeline.next();
    return { key: keyOf(one), value: bodyOf(one) };
  });
  await produce(stand, messages);
}

function figuresOf(measured: readonly Round[], plan: StreamLoopPlan): Figure[] {
  const of = (arm: Arm, what: keyof Cost): number => median(measured.map((round) => round[arm][what]));
  const ratio = (arm: Arm): number => median(measured.map((round) => round[arm].nodeUs / round.bare.nodeUs));
  const rounds = `medians of ${measured.length} rounds of ${plan.paymentCount} payments, histories of ${plan.fillingCount}`;
  const loopFigure = (arm: 'redis' | 'process', goal: number): Figure => ({
    name: `whole stream loop, state in ${arm === 'redis' ? 'Redis' : 'the process'}`,
    value: ratio(arm),
    unit: '× the bare loop’s Node CPU',
    goal: `≤ ${goal}`,
    met: ratio(arm) <= goal,
    detail:
      `${of(arm, 'nodeUs').toFixed(1)} against ${of('bare', 'nodeUs').toFixed(1)} µs a payment; ` +
      `${Math.round(of(arm, 'perSecond'))} (${Math.round(of(arm, 'readPerSecond'))} until views show them) ` +
      `against ${Math.round(of('bare', 'perSecond'))}/s; ${rounds}`,
  });
  return [
    loopFigure('redis', 2.5),
    loopFigure('process', 1.8),
    {
      name: 'Redis CPU of a payment of the stream',
      value: of('redis', 'redisUs'),
      unit: 'µs',
      goal: '≤ 45',
      met: of('redis', 'redisUs') <= 45,
      detail: `of Redis itself, with its append-only file synced every second; ${rounds}`,
    },
  ];
}
