import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { workspaceRoot } from './workspace-root';

const jestReport = (passed: number, failed: number, brokenFiles = 0) => ({
  numTotalTests: passed + failed,
  numPassedTests: passed,
  numFailedTests: failed,
  numRuntimeErrorTestSuites: brokenFiles,
});
const ok = { passed: 1, failed: 0 };
const notOk = { passed: 0, failed: 1 };

describe('the sum of a run', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'veto-sum-'));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  /** @param steps lines of `name, exit code, results` */
  function sumOf(steps: readonly (readonly [string, number, string])[], reports: Record<string, object>) {
    const stepsFile = join(folder, 'steps.tsv');
    const results = join(folder, 'results');
    mkdirSync(results);
    writeFileSync(stepsFile, steps.map(([name, code, kind]) => `${name}\t${code}\t7\t${kind}\n`).join(''));
    for (const [file, report] of Object.entries(reports))
      writeFileSync(join(results, file), JSON.stringify(report));
    const script = join(workspaceRoot, 'libs/tooling/bin/sum-results.mjs');
    const { stdout, status } = spawnSync(process.execPath, [script, stepsFile, results], {
      encoding: 'utf8',
    });
    const lines = stdout.trimEnd().split('\n');
    return { lines, last: lines.at(-1), status };
  }

  it('adds the tests of every kind of report', () => {
    const { last, status } = sumOf(
      [
        ['install', 0, '-'],
        ['test', 0, 'test'],
        ['lint', 0, 'lint'],
        ['prove', 0, 'prove'],
        ['e2e', 0, 'e2e'],
      ],
      {
        'domain.json': jestReport(10, 0),
        'log.json': jestReport(5, 0),
        'domain.lint.json': ok,
        'features.prove.json': jestReport(3, 0),
        'e2e.json': { stats: { expected: 4, flaky: 1, unexpected: 0, skipped: 0 } },
      },
    );
    // 1 (installation) + 15 + 1 + 3 + 5
    expect({ last, status }).toEqual({ last: '25 passed, 0 failed', status: 0 });
  });

  it('shows each step with its time', () => {
    const { lines } = sumOf([['test', 0, 'test']], { 'domain.json': jestReport(10, 0) });
    expect(lines).toContain('test                 10        0        7');
  });

  it('counts what failed in each kind of report', () => {
    const { last, status } = sumOf(
      [
        ['install', 1, '-'],
        ['test', 1, 'test'],
        ['lint', 1, 'lint'],
        ['e2e', 1, 'e2e'],
      ],
      {
        'domain.json': jestReport(8, 2),
        'domain.lint.json': notOk,
        'e2e.json': { stats: { expected: 4, flaky: 0, unexpected: 3, skipped: 0 } },
      },
    );
    // 1 + 2 + 1 + 3
    expect({ last, status }).toEqual({ last: '12 passed, 7 failed', status: 1 });
  });

  it('counts a file of tests that could not be loaded', () => {
    expect(sumOf([['test', 1, 'test']], { 'domain.json': jestReport(8, 0, 1) }).last).toBe(
      '8 passed, 1 failed',
    );
  });

  it('counts a step that broke before any of its tests could fail', () => {
    expect(sumOf([['test', 1, 'test']], { 'domain.json': jestReport(8, 0) }).last).toBe('8 passed, 1 failed');
  });

  it('does not take silence for success', () => {
    expect(sumOf([['e2e', 0, 'e2e']], {}).last).toBe('0 passed, 1 failed');
  });
});
