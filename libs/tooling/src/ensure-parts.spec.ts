import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { workspaceRoot } from './workspace-root';

const NOWHERE = join(workspaceRoot, 'tmp/nowhere');

/** What is said, and how it ends, where the machine lacks something. */
function ensureParts(name: string, environment: Record<string, string>) {
  const script = join(workspaceRoot, 'libs/tooling/bin/ensure-parts.mjs');
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, name], {
    encoding: 'utf8',
    env: { ...process.env, ...environment },
  });
  return { status, stdout, stderr: stderr.trim() };
}

describe('the real parts of the suites', () => {
  it('are missed loudly without Java', () => {
    const { status, stdout, stderr } = ensureParts('kafka', { JAVA_HOME: NOWHERE });
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(/^\*\*\* Java 17 or later is missing \(found: none\): run `sudo apt-get install/);
  });

  it('are missed loudly without Redis', () => {
    const { status, stdout, stderr } = ensureParts('redis', { REDIS_SERVER_PATH: NOWHERE });
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(/^\*\*\* redis-server is missing: run `sudo apt-get install/);
  });

  it('are known by name', () => {
    const { status, stderr } = ensureParts('zookeeper', {});
    expect(status).toBe(1);
    expect(stderr).toContain('expected kafka, connect, redis, got zookeeper');
  });
});
