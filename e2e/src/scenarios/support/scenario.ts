import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { WORKSPACE } from '../../support/start-server';
import { closeConnections } from './ask';
import { startCluster, type Cluster, type ClusterOptions } from './cluster';
import { Journal } from './journal';
import { sampleMemory } from './resources';
import { seedOfRun, SeededRandom } from './seeded-random';

/** One run of one scenario. */
export interface Run {
  readonly seed: number;
  readonly random: SeededRandom;
  readonly journal: Journal;
  /** The run's own, removed at its end. */
  readonly directory: string;
  /** A line of the scenario's account. */
  say(line: string): void;
  /**
   * A figure that depends on the machine, beside its goal: it is said whether it was reached. Only with STRICT_TIMES=1, for
   * a machine that does nothing else, does the scenario fail when it was not.
   */
  goal(what: string, seen: number, most: number, unit?: 'ms' | '%'): void;
  /** Starts one, and ends it with the run. */
  cluster(options: ClusterOptions): Promise<Cluster>;
  /** From now on the memory of its servers is written down: whether it is bounded is then judged as well. */
  watchMemory(cluster: Cluster): void;
}

/** What a scenario is, before it runs. */
export interface ScenarioFacts {
  /** As the list of scenarios names it: C1. */
  readonly id: string;
  readonly title: string;
  /** Its size as it is asked for. */
  readonly asked: string;
  /** Its size here, on two cores. */
  readonly here: string;
  readonly timeoutMs?: number;
}

/**
 * Declares a scenario: prints its seed and its size, gives it a directory and a journal, and ends whatever it started.
 * When it fails, what the servers said is in tmp/scenarios.
 */
export function scenario(facts: ScenarioFacts, body: (run: Run) => Promise<void>): void {
  const { id, title, asked, here, timeoutMs = 180_000 } = facts;
  test(`${id} ${title}`, async () => {
    test.setTimeout(timeoutMs);
    const seed = seedOfRun();
    const say = (line: string): void => void process.stdout.write(`    ${id}  ${line}\n`);
    say(`SEED=${seed}   asked: ${asked}   here: ${here}`);
    const directory = mkdtempSync(join(tmpdir(), `veto-${id.toLowerCase()}-`));
    const journal = new Journal(join(directory, 'journal.ndjson'));
    const clusters: Cluster[] = [];
    const cluster = async (options: ClusterOptions): Promise<Cluster> => {
      const started = await startCluster(options, directory);
      clusters.push(started);
      return started;
    };
    const stopSampling: (() => void)[] = [];
    const watchMemory = ({ instances }: Cluster): void => {
      stopSampling.push(sampleMemory(journal, () => instances));
    };
    const startedAtMs = performance.now();
    const missed: string[] = [];
    const goal: Run['goal'] = (what, seen, most, unit = 'ms') => {
      const isReached = seen <= most;
      const text = `${what}: ${seen.toFixed(1)} ${unit}, goal ≤ ${most} ${unit}`;
      say(`  ${text}: ${isReached ? 'reached' : 'MISSED'}`);
      if (!isReached) missed.push(text);
    };
    try {
      await body({
        seed,
        random: new SeededRandom(seed),
        journal,
        directory,
        say,
        cluster,
        watchMemory,
        goal,
      });
      if (process.env['STRICT_TIMES'] === '1') expect(missed).toEqual([]);
      const goals = missed.length === 0 ? '' : `, ${missed.length} goals missed`;
      say(`held, in ${((performance.now() - startedAtMs) / 1_000).toFixed(1)} s${goals}`);
    } catch (error) {
      keepOutputs(id, seed, clusters);
      say(`FAILED; SEED=${seed} repeats it; the servers' output is in tmp/scenarios/${id}-${seed}`);
      throw error;
    } finally {
      for (const stop of stopSampling) stop();
      closeConnections();
      await journal.close();
      await Promise.all(clusters.map(async (each) => each.end()));
      rmSync(directory, { recursive: true, force: true });
    }
  });
}

function keepOutputs(id: string, seed: number, clusters: readonly Cluster[]): void {
  const folder = join(WORKSPACE, `tmp/scenarios/${id}-${seed}`);
  mkdirSync(folder, { recursive: true });
  for (const cluster of clusters)
    for (const instance of cluster.instances)
      writeFileSync(join(folder, `${instance.name}.log`), instance.output());
}
