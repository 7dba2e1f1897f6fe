import { expect } from '@playwright/test';
import { until, type Cluster } from './cluster';
import { verify, type Invariant, type VerifyReport } from './replay-cli';
import type { Run } from './scenario';

/** Who lives is given half a minute to tell what he decided alone, and a copy of the log may be behind. */
const SWEPT_MS_MAX = 60_000;

/**
 * The verdict of the standalone verifier on a run: each of `wanted` was checked and held, nothing that was found speaks
 * against any other, and Redis holds what the log says. Waits for the sweeper before: nothing may be under way.
 * @param allowed findings that the scenario itself is about, and accounts for
 */
export async function judge(
  run: Run,
  cluster: Cluster,
  wanted: readonly Invariant[],
  allowed: (finding: VerifyReport['findings'][number]) => boolean = () => false,
): Promise<VerifyReport> {
  await run.journal.flush();
  const sweptMs = await until(
    'every orphan is finished',
    async () => (await orphanCount(cluster)) === 0,
    SWEPT_MS_MAX,
    100,
  );
  if (sweptMs > 100) run.say(`the last orphan was finished ${Math.round(sweptMs)} ms after the last answer`);
  const report = await verify({
    brokers: cluster.brokers,
    journals: [run.journal.path],
    redisUrls: [cluster.redis.url],
  });
  const { decisions, local, voids, undecided, seconds } = report;
  run.say(
    `${decisions} decisions, ${local} on own histories, ${voids} void, ${undecided} undecided; verified in ${seconds.toFixed(1)} s`,
  );
  const unexpected = report.findings.filter((finding) => !allowed(finding));
  const findings = unexpected.map(({ kind, subject, says }) => `${kind}: ${subject}: ${says}`);
  expect(findings).toEqual([]);
  const held = report.invariants
    .filter(({ verdict }) => verdict === 'held')
    .map(({ invariant }) => invariant);
  expect(held).toEqual(expect.arrayContaining([...wanted]));
  if (report.findings.length === 0) expect(report.difference_count).toBe(0);
  return report;
}

/** Payments that were begun and not committed, or whose place is not known to be on the log, of every epoch. */
async function orphanCount(cluster: Cluster): Promise<number> {
  const keys = (await cluster.redisCommand('KEYS', '{v*}[pu][0-9]*')) as string[];
  const counts = await Promise.all(keys.map(async (key) => Number(await cluster.redisCommand('ZCARD', key))));
  return counts.reduce((a, b) => a + b, 0);
}
