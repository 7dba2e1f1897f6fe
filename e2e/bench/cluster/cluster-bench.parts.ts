import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { workspaceRoot } from '@veto/testing/parts';
import type { Figure } from './figures';

describe('the cluster bench, run tiny', () => {
  it('measures loop, door and rebuild against their baselines', async () => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['e2e/bench/main.mjs', 'cluster', '--quick'],
      { cwd: workspaceRoot() },
    );
    const line = stdout.split('\n').find((text) => text.startsWith('{"bench":"cluster",'));
    const { figures } = JSON.parse(line ?? '{}') as { readonly figures: readonly Figure[] };
    expect(figures.map(({ name }) => name)).toEqual([
      'whole stream loop, state in Redis',
      'whole stream loop, state in the process',
      'Redis CPU of a payment of the stream',
      'the line alone, log and state in memory',
      'rebuild from Kafka',
      'decision API p50 at 100/s',
      'decision API p99 at 100/s',
    ]);
    for (const { value } of figures) expect(value).toBeGreaterThan(0);
  });
});
