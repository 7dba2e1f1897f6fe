import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lintTexts } from './lint-texts';

const LIBS = ['domain', 'features', 'rules', 'decision', 'model', 'log', 'store', 'client', 'testing'];
const APPS = ['server', 'console', 'traffic', 'replay', 'trainer', 'docs', 'e2e'];
const PACKAGES = [
  'zod',
  '@marcbachmann/cel-js',
  'onnxruntime-node',
  'lmdb',
  'fast-check',
  '@nestjs/common',
  'react',
];

/** The table of the architecture, written a second time: what each project's own code may import of all these. */
const OWN_CODE: Record<string, string> = {
  'libs/domain': 'zod',
  'libs/features': 'domain',
  'libs/rules': 'domain @marcbachmann/cel-js',
  'libs/decision': 'domain features rules',
  'libs/model': 'domain onnxruntime-node',
  'libs/log': 'domain',
  'libs/store': 'domain lmdb',
  'libs/client': 'domain',
  'libs/testing': 'domain fast-check',
  'apps/server': 'domain features rules decision model log store zod fast-check @nestjs/common',
  'apps/console': 'domain rules fast-check react',
  'apps/traffic': 'domain client fast-check',
  'apps/replay': 'domain features rules decision model log store fast-check',
  e2e: 'domain client testing fast-check',
};

/** The same for its tests. */
const TESTS: Record<string, string> = {
  'libs/domain': 'testing zod fast-check',
  'libs/features': 'domain testing fast-check',
  'libs/store': 'domain testing lmdb fast-check',
  'apps/server':
    'domain features rules decision model log store client testing zod fast-check @nestjs/common',
};

const TARGETS = [...LIBS, ...APPS, ...PACKAGES];

/** One import a line, types only, so that no other rule has an opinion. */
const IMPORT_EVERYTHING = TARGETS.map((name) => {
  const request = PACKAGES.includes(name) ? name : `@veto/${name}`;
  return `export type {} from '${request}';`;
}).join('\n');

function acceptedImports(files: readonly string[]): string[][] {
  const reports = lintTexts(files.map((path) => ({ path, text: IMPORT_EVERYTHING })));
  return reports.map((messages) => {
    expect(messages.filter(({ rule }) => rule !== '@nx/enforce-module-boundaries')).toEqual([]);
    const refused = new Set(messages.map(({ line }) => TARGETS[line - 1]));
    return TARGETS.filter((name) => !refused.has(name));
  });
}

function inOrder(names: string): string[] {
  const wanted = names.split(' ');
  expect(wanted.filter((name) => !TARGETS.includes(name))).toEqual([]);
  return TARGETS.filter((name) => wanted.includes(name));
}

describe('the boundary between projects', () => {
  it('lets own code import exactly what the table says', () => {
    const projects = Object.keys(OWN_CODE);
    const accepted = acceptedImports(projects.map((root) => plantedIn(root, 'planted.ts')));
    expect(zip(projects, accepted)).toEqual(zip(projects, Object.values(OWN_CODE).map(inOrder)));
  });

  it('lets tests import the suites and builders besides', () => {
    const projects = Object.keys(TESTS);
    const accepted = acceptedImports(projects.map((root) => plantedIn(root, 'planted.spec.ts')));
    expect(zip(projects, accepted)).toEqual(zip(projects, Object.values(TESTS).map(inOrder)));
  });

  it('is not crossed by a relative path', () => {
    const [messages] = lintTexts([
      { path: 'libs/rules/src/planted.ts', text: "export type {} from '../../domain/src/index';" },
    ]);
    expect(messages).toMatchObject([
      { rule: '@nx/enforce-module-boundaries', message: expect.stringMatching(/relative or absolute path/) },
    ]);
  });

  it('is guarded where nx has never run', () => {
    const emptyCache = mkdtempSync(join(tmpdir(), 'veto-nx-'));
    try {
      const [messages] = lintTexts(
        [{ path: 'libs/rules/src/planted.ts', text: "export type {} from '@veto/log';" }],
        {
          NX_WORKSPACE_DATA_DIRECTORY: emptyCache,
          NX_TASK_TARGET_PROJECT: 'rules',
        },
      );
      expect(messages).toMatchObject([{ rule: '@nx/enforce-module-boundaries' }]);
    } finally {
      rmSync(emptyCache, { recursive: true });
    }
  });
});

function plantedIn(root: string, file: string): string {
  return root === 'e2e' ? `${root}/${file}` : `${root}/src/${file}`;
}

function zip(names: readonly string[], values: readonly string[][]): Record<string, string> {
  return Object.fromEntries(names.map((name, index) => [name, (values[index] ?? []).join(' ')]));
}
