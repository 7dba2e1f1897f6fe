import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LintMessage, lintTexts } from './lint-texts';

const LIBS = [
  'domain',
  'features',
  'rules',
  'decision',
  'model',
  'log',
  'store',
  'client',
  'testing',
  'tooling',
];
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

/**
 * The table of the architecture, written a second time: what each project's own code may import of all these. A lib's
 * packages are listed; an app may have any that it declares, and only the server NestJS.
 */
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
  'apps/server': 'domain features rules decision model log store @nestjs/common',
  'apps/console': 'domain rules',
  'apps/traffic': 'domain client',
  'apps/replay': 'domain features rules decision model log store',
  e2e: 'domain client testing tooling',
};

/** The same for its tests. */
const TESTS: Record<string, string> = {
  'libs/domain': 'testing zod fast-check',
  'libs/features': 'domain testing fast-check',
  'libs/store': 'domain log testing lmdb fast-check',
  'apps/server': 'domain features rules decision model log store client testing @nestjs/common',
};

const TARGETS = [...LIBS, ...APPS, ...PACKAGES];

/** One import a line, types only, so that no other rule has an opinion. */
const IMPORT_EVERYTHING = TARGETS.map((name) => `export type {} from '${requestOf(name)}';`).join('\n');

const ACROSS = "export type {} from '../../domain/src/index';";

describe('the boundary between projects', () => {
  let ownCode: LintMessage[][];
  let tests: LintMessage[][];
  let across: LintMessage[][];

  beforeAll(() => {
    const ownFiles = Object.keys(OWN_CODE).map((root) => ({
      path: fileIn(root, 'planted.ts'),
      text: IMPORT_EVERYTHING,
    }));
    const testFiles = Object.keys(TESTS).map((root) => ({
      path: fileIn(root, 'planted.spec.ts'),
      text: IMPORT_EVERYTHING,
    }));
    const found = lintTexts([...ownFiles, ...testFiles, { path: 'libs/rules/src/planted.ts', text: ACROSS }]);
    ownCode = found.slice(0, ownFiles.length);
    tests = found.slice(ownFiles.length, -1);
    across = found.slice(-1);
  }, 60_000);

  it('is the only thing that objects to these imports', () => {
    const rules = [...ownCode, ...tests, ...across].flat().map(({ rule }) => rule);
    expect(new Set(rules)).toEqual(new Set(['@nx/enforce-module-boundaries']));
  });

  it('lets own code import exactly what the table says', () => {
    expect(acceptedOf(OWN_CODE, ownCode)).toEqual(inOrder(OWN_CODE));
  });

  it('lets tests import the suites and builders besides', () => {
    expect(acceptedOf(TESTS, tests)).toEqual(inOrder(TESTS));
  });

  it('is not crossed by a relative path', () => {
    expect(across).toMatchObject([[{ message: expect.stringMatching(/relative or absolute path/) }]]);
  });

  it('is guarded where nx has never run', () => {
    const emptyCache = mkdtempSync(join(tmpdir(), 'veto-nx-'));
    try {
      const found = lintTexts(
        [{ path: 'libs/rules/src/planted.ts', text: "export type {} from '@veto/log';" }],
        {
          NX_WORKSPACE_DATA_DIRECTORY: emptyCache,
          NX_TASK_TARGET_PROJECT: 'rules',
        },
      );
      expect(found).toMatchObject([[{ rule: '@nx/enforce-module-boundaries' }]]);
    } finally {
      rmSync(emptyCache, { recursive: true });
    }
  });
});

function requestOf(name: string): string {
  if (name === 'tooling') return '@veto/tooling/chromium';
  return PACKAGES.includes(name) ? name : `@veto/${name}`;
}

function fileIn(root: string, file: string): string {
  return root === 'e2e' ? `${root}/${file}` : `${root}/src/${file}`;
}

function namesThatMatter(root: string): string[] {
  if (root.startsWith('libs/')) return TARGETS;
  return TARGETS.filter((name) => !PACKAGES.includes(name) || name === '@nestjs/common');
}

/** For each project of the table what the linter let pass, in the order of `TARGETS`. */
function acceptedOf(
  table: Record<string, string>,
  found: readonly LintMessage[][],
): Record<string, string[]> {
  return Object.fromEntries(
    Object.keys(table).map((root, index) => {
      const refused = new Set(found[index]?.map(({ line }) => TARGETS[line - 1]));
      return [root, namesThatMatter(root).filter((name) => !refused.has(name))];
    }),
  );
}

function inOrder(table: Record<string, string>): Record<string, string[]> {
  return Object.fromEntries(
    Object.entries(table).map(([root, names]) => {
      const wanted = names.split(' ');
      expect(TARGETS).toEqual(expect.arrayContaining(wanted));
      return [root, TARGETS.filter((name) => wanted.includes(name))];
    }),
  );
}
