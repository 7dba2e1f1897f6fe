/** How we write: what CONTRIBUTING asks for and a machine can see. */
import tseslint from 'typescript-eslint';
import { noSiblingFeatures } from './no-sibling-features.mjs';

const TYPED_FILES = ['**/*.{ts,tsx}'];
const TEST_FILES = [
  '**/*.spec.{ts,tsx}',
  '**/*.prove.ts',
  '**/*.parts.ts',
  'e2e/**/*.ts',
  'libs/testing/src/**/*.ts',
];
const TOOL_CONFIGS = ['**/*.config.{ts,mjs,cjs}', '**/*.{mjs,cjs}'];

const typed = {
  files: TYPED_FILES,
  languageOptions: { parserOptions: { projectService: true } },
  rules: {
    '@typescript-eslint/await-thenable': 'error',
    '@typescript-eslint/no-floating-promises': 'error',
    '@typescript-eslint/no-for-in-array': 'error',
    '@typescript-eslint/no-implied-eval': 'error',
    // React and Fastify take async handlers and look after their rejections.
    '@typescript-eslint/no-misused-promises': [
      'error',
      { checksVoidReturn: { attributes: false, arguments: false } },
    ],
    '@typescript-eslint/no-unsafe-argument': 'error',
    '@typescript-eslint/no-unsafe-assignment': 'error',
    '@typescript-eslint/no-unsafe-call': 'error',
    '@typescript-eslint/no-unsafe-member-access': 'error',
    '@typescript-eslint/no-unsafe-return': 'error',
    '@typescript-eslint/only-throw-error': 'error',
    '@typescript-eslint/prefer-promise-reject-errors': 'error',
    '@typescript-eslint/restrict-plus-operands': 'error',
    '@typescript-eslint/return-await': ['error', 'error-handling-correctness-only'],
    '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    '@typescript-eslint/unbound-method': 'off',
  },
};

const everywhere = {
  rules: {
    '@typescript-eslint/consistent-type-imports': [
      'error',
      { fixStyle: 'inline-type-imports', disallowTypeAnnotations: false },
    ],
    '@typescript-eslint/no-extraneous-class': ['error', { allowEmpty: true, allowWithDecorator: true }],
    '@typescript-eslint/no-unused-vars': [
      'error',
      { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
    ],
    // `bytes[i]!` inside a loop that was bounded by the length is the one place where it says something true.
    '@typescript-eslint/no-non-null-assertion': 'off',
    '@typescript-eslint/no-invalid-void-type': [
      'error',
      { allowInGenericTypeArguments: true, allowAsThisParameter: true },
    ],
    '@typescript-eslint/unified-signatures': 'off',
    eqeqeq: ['error', 'always', { null: 'ignore' }],
    'no-console': 'error',
    'no-constant-binary-expression': 'error',
    'no-eval': 'error',
    'no-param-reassign': 'error',
    'no-self-compare': 'error',
    'no-template-curly-in-string': 'error',
    'no-unreachable-loop': 'error',
    'no-var': 'error',
    'object-shorthand': 'error',
    'prefer-const': 'error',
    'max-lines-per-function': ['error', { max: 80, skipBlankLines: true, skipComments: true }],
  },
};

export const style = [
  ...tseslint.configs.strict,
  everywhere,
  typed,
  { files: ['**/*.{js,mjs,cjs}'], ...tseslint.configs.disableTypeChecked },
  { files: ['**/*.cjs'], rules: { '@typescript-eslint/no-require-imports': 'off' } },
  // These speak to a person at a terminal.
  {
    files: ['apps/traffic/**', 'apps/replay/**', 'apps/trainer/**', 'e2e/**', 'libs/tooling/**'],
    rules: { 'no-console': 'off' },
  },
  // A component is markup: its length is that of the page that it draws.
  {
    files: ['**/*.tsx'],
    rules: { 'max-lines-per-function': ['error', { max: 140, skipBlankLines: true, skipComments: true }] },
  },
  {
    // A suite is one function that holds many, and a reply of the wire is read there, and spoilt, as it came.
    files: TEST_FILES,
    rules: {
      'max-lines-per-function': 'off',
      '@typescript-eslint/no-dynamic-delete': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
  {
    files: ['apps/console/src/**/*.{ts,tsx}'],
    plugins: { veto: { rules: { 'no-sibling-features': noSiblingFeatures } } },
    rules: { 'veto/no-sibling-features': 'error' },
  },
  {
    files: TYPED_FILES,
    ignores: TOOL_CONFIGS,
    rules: {
      'no-restricted-exports': [
        'error',
        {
          restrictDefaultExports: {
            direct: true,
            named: true,
            defaultFrom: true,
            namedFrom: true,
            namespaceFrom: true,
          },
        },
      ],
    },
  },
];
