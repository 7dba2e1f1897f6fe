import { execFileSync } from 'node:child_process';
import { bundleScript } from '@veto/testing';

interface Compared {
  readonly streams: number;
  readonly vectors: number;
}

describe('every feature equals the naive oracle, bit for bit', () => {
  const script = bundleScript('libs/features/src/oracle/compare-streams.spec-support.ts', [
    'fast-check',
    'zod',
    'disposable-email-domains-js',
  ]);
  const compare = (kind: 'random' | 'crowded', seed: number, streamCount: number): Compared => {
    const line = execFileSync(process.execPath, [script, kind, String(seed), String(streamCount)], {
      encoding: 'utf8',
    });
    return JSON.parse(line) as Compared;
  };

  // In parts, so that a failure names its seed early.
  it.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])('in 10 000 random streams, part %i of 10', (part) => {
    const { streams, vectors } = compare('random', part, 10_000);
    expect(streams).toBe(10_000);
    // A stream holds several payments: far more vectors than streams were compared.
    expect(vectors).toBeGreaterThan(20_000);
  });

  it('in 200 streams that are longer than what is looked at', () => {
    expect(compare('crowded', 1, 200)).toMatchObject({ streams: 200 });
  });
});
