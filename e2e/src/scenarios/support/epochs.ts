import type { EpochOpened } from '@veto/domain';
import { until, type Cluster } from './cluster';
import { readTopic } from './topic';

/** Every time that the shared state was made anew, oldest first. */
export async function readEpochs(brokers: readonly string[]): Promise<readonly EpochOpened[]> {
  const epochs: EpochOpened[] = [];
  await readTopic(brokers, 'veto.epochs.v1', ({ value }) => {
    if (value !== null) epochs.push(JSON.parse(value.toString()) as EpochOpened);
  });
  return epochs;
}

/** Waits for the epoch after `epoch`. */
export async function nextEpoch(cluster: Cluster, epoch: number, withinMs: number): Promise<EpochOpened> {
  let opened: EpochOpened | undefined;
  await until(
    `the epoch after ${epoch}`,
    async () => {
      opened = (await readEpochs(cluster.brokers)).find((each) => each.epoch > epoch);
      return opened !== undefined;
    },
    withinMs,
    250,
  );
  return opened!;
}
