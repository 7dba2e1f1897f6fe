import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const workspaceRoot = resolve(import.meta.dirname, '../../..');

describe('the README', () => {
  it('shows an example that compiles', () => {
    const readme = readFileSync(join(workspaceRoot, 'libs/client/README.md'), 'utf8');
    const example = /```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
    expect(example).toContain('veto.decide(');
    mkdirSync(join(workspaceRoot, 'tmp'), { recursive: true });
    // Within the workspace, so that `@veto/client` is found as a merchant would find it.
    const directory = mkdtempSync(join(workspaceRoot, 'tmp/readme-'));
    try {
      writeFileSync(join(directory, 'example.ts'), example);
      writeFileSync(
        join(directory, 'tsconfig.json'),
        JSON.stringify({ extends: '../../tsconfig.base.json', include: ['.'] }),
      );
      const compiler = join(workspaceRoot, 'node_modules/typescript7/bin/tsc');
      const output = execFileSync(process.execPath, [compiler, '--noEmit', '-p', directory], {
        encoding: 'utf8',
      });
      expect(output).toBe('');
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
