import { createHash } from 'node:crypto';
import { VetoError } from '@veto/domain';
import { checkRun, type Checked } from './check-run.spec-support';
import type { PlantedFault } from './planted-faults.spec-support';
import { SimWorld } from './sim-world.spec-support';
import type { Weather } from './weather.spec-support';

export interface SeedOutcome extends Checked {
  readonly seed: number;
  readonly weather: Weather;
  /** SHA-256 (hex) of the log and of all that clients were told: the same for the same seed. */
  readonly trail: string;
  readonly virtualMs: number;
}

export interface SimulateOptions {
  readonly seed: number;
  readonly operationCount: number;
  readonly faults?: ReadonlySet<PlantedFault>;
  readonly trace?: (line: string) => void;
}

/** Lives through one seed, and checks it. */
export async function simulate(options: SimulateOptions): Promise<SeedOutcome> {
  const { seed } = options;
  const world = new SimWorld({ faults: new Set<PlantedFault>(), ...options });
  const uninstall = world.time.install();
  try {
    const isSettled = await world.run();
    const why = world.whyUnsettled();
    const digests = isSettled ? await digestsOf(world) : [];
    const { broker, servers, weather, clients, mistakes } = world;
    const checked = checkRun({
      journal: clients.journal,
      broker,
      shardCount: servers.length,
      wentBack: world.wentBack,
      digests,
    });
    const violations = [
      ...mistakes.map(
        (mistake) => ({ invariant: 'I1', subject: 'mistake', says: stackOf(mistake) }) as const,
      ),
      ...(isSettled ? [] : [{ invariant: 'I1', subject: 'never at peace', says: String(why) } as const]),
      ...checked.violations,
    ];
    return { seed, weather, trail: trailOf(world), virtualMs: world.time.nowMs, ...checked, violations };
  } finally {
    uninstall();
  }
}

function stackOf(mistake: unknown): string {
  return mistake instanceof Error ? (mistake.stack ?? mistake.message) : String(mistake);
}

async function digestsOf({ instances, time, mistakes }: SimWorld): Promise<readonly string[]> {
  const digests: string[] = [];
  for (const { running } of instances) {
    if (running === null) continue;
    time.after(
      0,
      () =>
        void running.store.digest().then(
          (digest) => digests.push(digest),
          (error: unknown) => (error instanceof VetoError ? undefined : mistakes.push(error)),
        ),
      running.owner,
    );
  }
  await time.runUntil(time.nowMs + 50);
  return digests;
}

function trailOf({ broker, clients: { journal } }: SimWorld): string {
  const hash = createHash('sha256');
  for (const [name, records] of broker.partitions) {
    hash.update(name);
    for (const { key, value, seq = 0, epoch = 0 } of records)
      hash.update(`${key}|${epoch}|${seq}|`).update(value);
  }
  for (const { body, instance, toldAtMs } of journal.answers) hash.update(`${instance}|${toldAtMs}|${body}`);
  return hash.digest('hex');
}
