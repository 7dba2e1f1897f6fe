import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { hashOfInputs } from '../bin/build-inputs.mjs';

const project = (root: string, ...dependencies: string[]) => {
  const name = root.split('/').at(-1) ?? root;
  return { name, packageName: `@veto/${name}`, root, tags: [], targets: [], dependencies };
};

const server = project('apps/server', '@veto/decision', 'fastify');
const projects = [
  server,
  project('libs/decision', '@veto/domain'),
  project('libs/domain'),
  project('libs/client'),
];

describe('the inputs of a build', () => {
  let root: string;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'veto-build-'));
    for (const { root: folder } of projects) write(`${folder}/src/index.ts`, 'export {};');
    write('package-lock.json', '{}');
  });

  afterEach(() => {
    rmSync(root, { recursive: true });
  });

  function write(path: string, text: string) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }

  function changes(path: string, text: string): boolean {
    const before = hashOfInputs(server, projects, root);
    write(path, text);
    return hashOfInputs(server, projects, root) !== before;
  }

  it.each([
    ['a file of the app', 'apps/server/src/index.ts'],
    ['a new file of the app', 'apps/server/src/main.ts'],
    ['a lib that the app names', 'libs/decision/src/index.ts'],
    ['a lib below that one', 'libs/domain/src/index.ts'],
    ['the installed packages', 'package-lock.json'],
  ])('change with %s', (_what, path) => {
    expect(changes(path, 'export const one = 1;')).toBe(true);
  });

  it.each([
    ['nothing at all', 'libs/domain/src/index.ts', 'export {};'],
    ['a lib that the app does not stand on', 'libs/client/src/index.ts', 'export const one = 1;'],
    ['a test', 'libs/domain/src/money.spec.ts', 'it();'],
    ['a page about a lib', 'libs/domain/README.md', '# domain'],
    ['what was built', 'apps/server/dist/main.mjs', 'built'],
  ])('do not change with %s', (_what, path, text) => {
    expect(changes(path, text)).toBe(false);
  });

  it('tell a text that moved to another file from one that stayed', () => {
    write('apps/server/src/a.ts', 'x');
    const before = hashOfInputs(server, projects, root);
    rmSync(join(root, 'apps/server/src/a.ts'));
    write('apps/server/src/b.ts', 'x');
    expect(hashOfInputs(server, projects, root)).not.toBe(before);
  });
});
