import { label, pay, startInstance, type Instance } from '../cluster/a-cluster.spec-support';
import { runCli, type CliRun } from '../cluster/built-cli.spec-support';
import {
  flagsOf,
  PARTS_START_MS,
  startClusterParts,
  type ClusterParts,
} from '../cluster/cluster-parts.spec-support';
import type { ClusterPlace } from '../cluster/cluster-place';

let parts: ClusterParts;
let place: ClusterPlace;

beforeAll(async () => {
  parts = await startClusterParts('rebuild');
  place = await parts.aPlace();
}, PARTS_START_MS);

afterAll(async () => {
  await parts.stop();
});

const run = (command: string, ...more: readonly string[]): Promise<CliRun> =>
  runCli(command, ...flagsOf(place), ...more);

/** Decides until the epoch is adopted everywhere. */
async function adopted(instance: Instance, epoch: number): Promise<void> {
  while (instance.store.status().some((shard) => shard.state !== 'serving' || shard.epoch < epoch))
    await new Promise((resolve) => setTimeout(resolve, 20));
}

const digestIn = ({ stdout }: CliRun): string | undefined => /State ([0-9a-f]{64})/.exec(stdout)?.[1];

describe('replay rebuild', () => {
  it('makes the state again that the log says, and whoever comes next goes on from it', async () => {
    const before = await startInstance(place);
    await pay(before, 0, 160);
    await label(before, 7);
    const digest = await before.store.digest();
    await before.close();
    await parts.emptyRedis();

    const rebuilt = await run('rebuild');
    expect(rebuilt.stdout).toContain('shard 0: epoch 2 is open');
    expect(rebuilt.stdout).toContain('shard 1: epoch 2 is open');
    expect(rebuilt.stdout).toContain('161 events');
    expect(rebuilt.code).toBe(0);
    expect(digestIn(rebuilt)).toBe(digest);

    const after = await startInstance(place, { doubtMs: 100 });
    await pay(after, 160, 240);
    await after.close();
    const verified = await run('verify', '--no-model');
    expect(verified.stdout).toMatch(/^I5 +held .*the digest of Redis/m);
    expect(verified.stdout).toMatch(/^I9 +held/m);
    expect(verified.code).toBe(0);
  }, 120_000);

  it('refuses while instances serve, and is adopted by them when it is forced under load', async () => {
    const instance = await startInstance(place, { doubtMs: 100 });
    const refused = await run('rebuild');
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain('1 instances serve');

    const paying = (async () => {
      for (let i = 240; i < 2_240; i += 80) await pay(instance, i, i + 80);
    })();
    const forced = await run('rebuild', '--force');
    expect(forced.code).toBe(0);
    await paying;
    await adopted(instance, 3);
    await pay(instance, 2_240, 2_320);
    await instance.close();
    const verified = await run('verify', '--no-model');
    expect(verified.stdout).toContain(': 0 differences');
    expect(verified.code).toBe(0);
  }, 120_000);

  it('refuses fewer shards than the log knows', async () => {
    const oneShard = { ...place, redisUrls: place.redisUrls.slice(0, 1) };
    const refused = await runCli('rebuild', ...flagsOf(oneShard));
    expect(refused.stderr).toContain('the log has epochs of shard 1');
    expect(refused.code).toBe(1);
  }, 60_000);
});
