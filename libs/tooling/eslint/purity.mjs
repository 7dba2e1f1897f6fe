/** Where the clock, chance, the process and waiting are out of reach, so that a replay gives the same bytes. */
import { builtinModules } from 'node:module';

const TEST_FILES = [
  '**/*.spec.ts',
  '**/*.spec-support.ts',
  '**/*.bench.ts',
  '**/*.prove.ts',
  '**/*.parts.ts',
];

/** Sync, no clock, and able to run in a browser. */
const PURE_LIBS = ['libs/domain/src/**/*.ts', 'libs/features/src/**/*.ts', 'libs/rules/src/**/*.ts'];

/** The one place that reads the time; whoever needs it is given it. */
const CLOCK_FILE = 'libs/domain/src/ports/clock.ts';

/** The decision itself: `decide.ts` and whatever is split off from it. */
const DECIDING_FILES = ['libs/decision/src/decide.ts', 'libs/decision/src/decide-*.ts'];

const ONLY_PURE_IMPORTS = [
  'error',
  {
    paths: [
      ...builtinModules.map((name) => ({ name, message: 'This code runs in a browser as well.' })),
      { name: '@veto/domain', importNames: ['systemClock'], message: 'Take the time as an argument.' },
    ],
    patterns: [{ group: ['node:*'], message: 'This code runs in a browser as well.' }],
  },
];

const OUTSIDE_WORLD = [
  'Buffer',
  'console',
  'fetch',
  'localStorage',
  'performance',
  'process',
  'queueMicrotask',
  'require',
  'setImmediate',
  'setInterval',
  'setTimeout',
].map((name) => ({ name, message: 'This code sees only its arguments.' }));

const CLOCK_AND_CHANCE = [
  { object: 'Date', property: 'now', message: 'Take the time as an argument.' },
  { object: 'Math', property: 'random', message: 'The same input must give the same output.' },
  { object: 'crypto', property: 'randomUUID', message: 'The same input must give the same output.' },
  { object: 'crypto', property: 'getRandomValues', message: 'The same input must give the same output.' },
  ...['Buffer', 'console', 'performance', 'process'].map((property) => ({
    object: 'globalThis',
    property,
    message: 'This code sees only its arguments.',
  })),
];

const CURRENT_TIME = {
  selector: 'NewExpression[callee.name="Date"][arguments.length=0], CallExpression[callee.name="Date"]',
  message: 'Take the time as an argument.',
};

const WAITING = [
  ['AwaitExpression', 'decide never waits.'],
  ['ForOfStatement[await=true]', 'decide never waits.'],
  [':function[async=true]', 'decide never waits.'],
  ['ImportExpression', 'decide never waits.'],
].map(([selector, message]) => ({ selector, message }));

/** `total` is read before the wait and written after it: whatever another caller added in between is lost. */
const ADDING_ACROSS_A_WAIT = {
  selector: 'AssignmentExpression[operator!="="] AwaitExpression',
  message: 'Wait first, then add: the old value was read before the wait.',
};

const TEST_TITLE = {
  selector: 'CallExpression[callee.name=/^(it|test)$/] > Literal.arguments[value=/\\bshould\\b/]',
  message: 'Say what it does, in the present tense.',
};

export const purity = [
  { rules: { 'no-restricted-syntax': ['error', ADDING_ACROSS_A_WAIT] } },
  {
    files: [...TEST_FILES, '**/*.spec.tsx'],
    rules: { 'no-restricted-syntax': ['error', ADDING_ACROSS_A_WAIT, TEST_TITLE] },
  },
  {
    files: [...PURE_LIBS, ...DECIDING_FILES],
    ignores: [...TEST_FILES, CLOCK_FILE],
    rules: {
      'no-restricted-imports': ONLY_PURE_IMPORTS,
      'no-restricted-globals': ['error', ...OUTSIDE_WORLD],
      'no-restricted-properties': ['error', ...CLOCK_AND_CHANCE],
      'no-restricted-syntax': ['error', ADDING_ACROSS_A_WAIT, CURRENT_TIME],
    },
  },
  {
    files: DECIDING_FILES,
    ignores: TEST_FILES,
    rules: {
      'no-restricted-globals': [
        'error',
        ...OUTSIDE_WORLD,
        { name: 'Date', message: 'The decision takes its time as an argument.' },
        { name: 'Promise', message: 'decide never waits.' },
      ],
      'no-restricted-syntax': ['error', ADDING_ACROSS_A_WAIT, CURRENT_TIME, ...WAITING],
    },
  },
];
