import { type LintMessage, lintTexts } from './lint-texts';

/** What it is · where it is planted · what is planted · who must object. */
type Violation = readonly [sentence: string, path: string, text: string, rule: string];

const FEATURES = 'libs/features/src/planted.ts';
const DECIDE = 'libs/decision/src/decide-planted.ts';
const SERVER = 'apps/server/src/planted.ts';

const VIOLATIONS: readonly Violation[] = [
  ['an app imports an app', SERVER, "export type {} from '@veto/traffic';", '@nx/enforce-module-boundaries'],
  [
    'NestJS outside the server',
    'apps/replay/src/planted.ts',
    "export type {} from '@nestjs/common';",
    '@nx/enforce-module-boundaries',
  ],
  [
    'a package that nobody declared',
    SERVER,
    "export type {} from 'lodash';",
    '@nx/enforce-module-boundaries',
  ],
  [
    'the builders in production code',
    SERVER,
    "export type {} from '@veto/testing';",
    '@nx/enforce-module-boundaries',
  ],
  [
    'the SDK takes code from the domain',
    'libs/client/src/planted.ts',
    "export { parseTransaction } from '@veto/domain';",
    '@typescript-eslint/no-restricted-imports',
  ],
  [
    'a feature of the console imports another',
    'apps/console/src/features/queue/planted.tsx',
    "export type {} from '../detail/api';",
    'veto/no-sibling-features',
  ],

  [
    'a file read in domain',
    'libs/domain/src/planted.ts',
    "export type {} from 'node:fs';",
    'no-restricted-imports',
  ],
  ['a file read in features', FEATURES, "export type {} from 'node:fs';", 'no-restricted-imports'],
  [
    'a file read in rules, under its old name',
    'libs/rules/src/planted.ts',
    "export type {} from 'fs';",
    'no-restricted-imports',
  ],
  [
    'the present moment in features',
    FEATURES,
    'export const nowMs = Date.now();',
    'no-restricted-properties',
  ],
  [
    'the present moment as a date in rules',
    'libs/rules/src/planted.ts',
    'export const now = new Date();',
    'no-restricted-syntax',
  ],
  ['chance in features', FEATURES, 'export const luck = Math.random();', 'no-restricted-properties'],
  [
    'the environment in domain',
    'libs/domain/src/planted.ts',
    'export const home = process.env.HOME;',
    'no-restricted-globals',
  ],
  [
    'the clock handed about in rules',
    'libs/rules/src/planted.ts',
    "export { systemClock } from '@veto/domain';",
    'no-restricted-imports',
  ],

  ['a file read in decide', DECIDE, "export type {} from 'node:fs';", 'no-restricted-imports'],
  [
    'a wait in decide',
    DECIDE,
    'export const f = (p: Promise<number>) => p.then(async () => 1);',
    'no-restricted-syntax',
  ],
  [
    'any date at all in decide',
    DECIDE,
    'export const year = new Date(0).getUTCFullYear();',
    'no-restricted-globals',
  ],
  [
    'the present moment in decide',
    DECIDE,
    'export const nowMs = globalThis.performance.now();',
    'no-restricted-properties',
  ],
  ['chance in decide', DECIDE, 'export const luck = Math.random();', 'no-restricted-properties'],
  [
    'a promise made in decide',
    DECIDE,
    'export const later = () => Promise.resolve(1);',
    'no-restricted-globals',
  ],
  ['a line printed in decide', DECIDE, 'export const say = console.log;', 'no-restricted-globals'],
  ['the process in decide', DECIDE, 'export const pid = process.pid;', 'no-restricted-globals'],

  [
    'a sum read before a wait and written after it',
    SERVER,
    'export async function f(g: () => Promise<number>) {\n  let total = 0;\n  total += await g();\n  return total;\n}',
    'no-restricted-syntax',
  ],
  [
    'a promise that nobody waits for',
    SERVER,
    'export function f(g: () => Promise<void>) {\n  g();\n}',
    '@typescript-eslint/no-floating-promises',
  ],
  ['any', SERVER, 'export let anything: any;', '@typescript-eslint/no-explicit-any'],
  [
    'any, unannounced',
    SERVER,
    "export const body: { id: string } = JSON.parse('{}');",
    '@typescript-eslint/no-unsafe-assignment',
  ],
  [
    'a case of a union that is forgotten',
    SERVER,
    "export function f(outcome: 'approve' | 'block') {\n  switch (outcome) {\n    case 'approve':\n      return 1;\n  }\n  return 0;\n}",
    '@typescript-eslint/switch-exhaustiveness-check',
  ],
  [
    'a type imported as a value',
    SERVER,
    "import { ESLint } from './x';\n\nexport type Linter = ESLint;",
    '@typescript-eslint/consistent-type-imports',
  ],
  ['an export without a name', SERVER, 'export default 1;', 'no-restricted-exports'],
  [
    'a test that says should',
    'apps/server/src/planted.spec.ts',
    "it('should approve', () => {\n  expect(1).toBe(1);\n});",
    'no-restricted-syntax',
  ],
  [
    'a silencing comment that silences nothing',
    SERVER,
    '// eslint-disable-next-line no-console -- none\nexport const one = 1;',
    'null',
  ],
];

/** What stands next to each of those and is allowed. */
const CLEAN: readonly (readonly [sentence: string, path: string, text: string])[] = [
  ['the server names NestJS', SERVER, "export type {} from '@nestjs/common';"],
  ['the server reads a file', SERVER, "export type {} from 'node:fs';"],
  [
    'a test of the server uses the builders',
    'apps/server/src/planted.spec.ts',
    "export type {} from '@veto/testing';",
  ],
  [
    'the SDK takes types from the domain',
    'libs/client/src/planted.ts',
    "export type { Transaction } from '@veto/domain';",
  ],
  [
    'a feature of the console imports itself',
    'apps/console/src/features/queue/planted.tsx',
    "export type {} from '../queue/api';",
  ],
  [
    'features turn a given time into a date',
    FEATURES,
    'export const hour = (atMs: number) => new Date(atMs).getUTCHours();',
  ],
  [
    'a test of features reads a golden file',
    'libs/features/src/planted.spec.ts',
    "export type {} from 'node:fs';",
  ],
  ['decide compares numbers', DECIDE, 'export const isHigh = (score: number) => Math.max(score, 0) > 0.9;'],
  [
    'a sum is made after the wait',
    SERVER,
    'export async function f(g: () => Promise<number>) {\n  let total = 0;\n  const more = await g();\n  total += more;\n  return total;\n}',
  ],
  [
    'a test says what is',
    'apps/server/src/planted.spec.ts',
    "it('approves', () => {\n  expect(1).toBe(1);\n});",
  ],
];

describe('the linter', () => {
  let found: LintMessage[][];

  beforeAll(() => {
    found = lintTexts([...VIOLATIONS, ...CLEAN].map(([, path, text]) => ({ path, text })));
  }, 60_000);

  it.each(VIOLATIONS.map((violation, index) => [...violation, index] as const))(
    'reports %s',
    (_sentence, _path, _text, rule, index) => {
      expect(found[index]?.map((message) => String(message.rule))).toContain(rule);
    },
  );

  it.each(CLEAN.map(([sentence], index) => [sentence, VIOLATIONS.length + index] as const))(
    'says nothing when %s',
    (_sentence, index) => {
      expect(found[index]).toEqual([]);
    },
  );
});
