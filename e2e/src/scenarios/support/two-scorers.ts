import type { Cluster, ClusterOptions } from './cluster';
import type { Run } from './scenario';

/** What most scenarios happen to. */
export interface TwoScorers {
  readonly cluster: Cluster;
  /** Addresses of both. */
  readonly targets: readonly string[];
}

/** Two instances that score, and nothing else, on a Kafka and a Redis of their own. */
export async function startTwoScorers(
  run: Run,
  options: Omit<ClusterOptions, 'instances'> = {},
): Promise<TwoScorers> {
  const instances = ['score-1', 'score-2'].map((name) => ({ name, roles: 'score' }));
  const cluster = await run.cluster({ ...options, instances });
  return { cluster, targets: cluster.instances.map(({ url }) => url) };
}
