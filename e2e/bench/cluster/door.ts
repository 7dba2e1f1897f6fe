import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { startRedis } from '@veto/testing/parts';
import { bodySchema } from '../body-schema.mjs';
import { answering, freePort, openLoop } from '../open-loop.mjs';
import { median, type Figure } from './figures';
import { bodyOf, type Timeline } from './payments';
import { INBOUND_TOPIC, PARTITION_COUNT, PLAIN_TOPIC, PREFIXES, type Stand } from './stand';
import { Worker } from './worker';

export interface DoorPlan {
  /** Requests a second: what is aimed at, and one that leaves two busy cores room. */
  readonly rates: readonly number[];
  readonly seconds: number;
  readonly rounds: number;
  /** Payments that lie on the inbound topic. */
  readonly filledCount: number;
  readonly timeline: Timeline;
}

/** Bytes of a decision on the log: what the plain door produces. */
const DECISION_BYTES = 2_300;

type Latencies = Awaited<ReturnType<typeof openLoop>>;

/** The decision API on Kafka and Redis, against plain Fastify that does the same calls and nothing else. */
export async function measureDoor(stand: Stand, plan: DoorPlan): Promise<readonly Figure[]> {
  const redis = await startRedis({ own: true });
  const plain = new Worker('the plain door', 'plain-door', {
    brokers: stand.brokers,
    redisUrl: redis.url,
    filledBy: INBOUND_TOPIC,
    filledCount: plan.filledCount,
    topic: PLAIN_TOPIC,
    partitionCount: PARTITION_COUNT,
    body: bodySchema,
    valueBytes: DECISION_BYTES,
  });
  const [port, metricsPort] = [await freePort(), await freePort()];
  const veto = startVeto(stand, { port, metricsPort });
  try {
    await answering(port, '/v1/health/ready');
    const plainPort = Number((await plain.next('listening'))['port']);
    const figures: Figure[] = [];
    for (const rate of plan.rates) {
      const results: Record<'veto' | 'plain', Latencies[]> = { veto: [], plain: [] };
      const load = (at: number): Promise<Latencies> =>
        openLoop({
          port: at,
          rate,
          seconds: plan.seconds,
          bodyOf: () => bodyOf(plan.timeline.next()),
        });
      // Neither is measured while it warms up.
      for (const at of [port, plainPort]) await load(at);
      const before = await degradedCount(metricsPort);
      for (let round = 0; round < plan.rounds; round++) {
        results.plain.push(await load(plainPort));
        results.veto.push(await load(port));
      }
      const degraded = (await degradedCount(metricsPort)) - before;
      console.log(JSON.stringify({ bench: 'cluster-door', rate, results, degraded }));
      figures.push(
        ...(['p50', 'p99'] as const).map((what) => figureOf(what, results, { plan, rate, degraded })),
      );
    }
    return figures;
  } finally {
    await stopped(veto);
    await plain.stop();
    await redis.stop();
  }
}

/** The shipped server, where the stream loop left its data. */
function startVeto(
  { brokers, redis, directory }: Stand,
  at: { readonly port: number; readonly metricsPort: number },
): ChildProcess {
  return spawn(process.execPath, ['dist/apps/server/main.mjs'], {
    env: {
      ...process.env,
      PORT: String(at.port),
      METRICS_PORT: String(at.metricsPort),
      KAFKA_BROKERS: brokers,
      REDIS_URL: redis.url,
      ROLES: 'score',
      VETO_DATA_DIR: join(directory, 'redis'),
      VETO_TOPIC_PREFIX: PREFIXES.redis,
      VETO_LOG_LEVEL: 'warn',
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill();
  await gone;
}

/** Decisions that were made without every stage. */
async function degradedCount(metricsPort: number): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
  const levels = [...text.matchAll(/^veto_ladder_total\{level="(L[1-5])"\} (\d+)$/gm)];
  return levels.reduce((sum, [, , count]) => sum + Number(count), 0);
}

function figureOf(
  what: 'p50' | 'p99',
  results: Record<'veto' | 'plain', readonly Latencies[]>,
  of: { readonly plan: DoorPlan; readonly rate: number; readonly degraded: number },
): Figure {
  const { rounds, seconds } = of.plan;
  const { rate } = of;
  const [veto, plain] = [
    median(results.veto.map((one) => one[what])),
    median(results.plain.map((one) => one[what])),
  ];
  const ratio = median(results.veto.map((one, i) => one[what] / results.plain[i]![what]));
  const failures = [...results.veto, ...results.plain].reduce((sum, one) => sum + one.failures, 0);
  return {
    name: `decision API ${what} at ${rate}/s`,
    value: ratio,
    unit: '× plain Fastify + begin + commit + one acknowledged produce',
    goal: '≤ 1.5',
    met: ratio <= 1.5,
    detail:
      `${veto.toFixed(2)} against ${plain.toFixed(2)} ms; open loop, medians of ${rounds} rounds of ${seconds} s; ` +
      `${failures} requests failed, ${of.degraded} decided below L0`,
  };
}
