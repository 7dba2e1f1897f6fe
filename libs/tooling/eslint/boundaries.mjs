/**
 * Who may import whom: one line for each project, as in the table of the README. A project that is not listed may
 * import nothing, because its tag matches no constraint.
 */
import nx from '@nx/eslint-plugin';

/** Libs and packages that a project's own code may import. `packages: undefined` means any that it declares. */
const ALLOWED = {
  'lib:domain': { libs: [], packages: ['zod'] },
  'lib:features': { libs: ['domain'], packages: ['disposable-email-domains-js'] },
  'lib:rules': { libs: ['domain'], packages: ['@marcbachmann/cel-js'] },
  'lib:decision': { libs: ['domain', 'features', 'rules'], packages: [] },
  'lib:model': { libs: ['domain'], packages: ['onnxruntime-node'] },
  'lib:log': { libs: ['domain'], packages: ['kafkajs', 'lz4-napi', 'snappyjs', 'fzstd'] },
  'lib:store': { libs: ['domain'], packages: ['lmdb', 'redis'] },
  'lib:history': { libs: ['domain'], packages: ['@duckdb/node-api'] },
  'lib:client': { libs: ['domain'], packages: [] },
  'lib:testing': { libs: ['domain'], packages: ['fast-check'] },
  'lib:tooling': { libs: [] },
  'app:server': { libs: ['domain', 'features', 'rules', 'decision', 'model', 'log', 'store', 'history'] },
  'app:console': { libs: ['domain', 'rules'] },
  'app:traffic': { libs: ['domain', 'client'] },
  'app:replay': { libs: ['domain', 'features', 'rules', 'decision', 'model', 'log', 'store', 'history'] },
  'app:trainer': { libs: [] },
  'app:docs': { libs: [] },
  'app:e2e': { libs: ['domain', 'client', 'testing', 'tooling'] },
};

/** What tests may import besides: the suites and builders, and for a project that documents others, these. */
const ALLOWED_IN_TESTS = {
  // A store is a view of a log, and is tested over the real one.
  'lib:store': ['log'],
  'lib:decision': ['log', 'store'],
  'app:server': ['client'],
  'app:docs': ['domain', 'features', 'rules', 'model'],
  'app:trainer': ['domain', 'features', 'model'],
};

const TEST_FILES = [
  '**/*.spec.{ts,tsx}',
  '**/*.spec-support.ts',
  '**/*.prove.ts',
  '**/*.parts.ts',
  '**/*.bench.ts',
];

/** @param {boolean} inTests */
function constraints(inTests) {
  return Object.entries(ALLOWED).map(([tag, { libs, packages }]) => {
    const forTests = inTests ? ['testing', ...(ALLOWED_IN_TESTS[tag] ?? [])] : [];
    const allowedLibs = [...libs, ...forTests].map((lib) => `lib:${lib}`);
    return {
      sourceTag: tag,
      onlyDependOnLibsWithTags: allowedLibs,
      ...(packages && { allowedExternalImports: [...packages, ...(inTests ? ['fast-check'] : [])] }),
      ...(tag !== 'app:server' && !packages && { bannedExternalImports: ['@nestjs/*', 'reflect-metadata'] }),
    };
  });
}

/** @param {boolean} inTests */
function boundaryRule(inTests) {
  return [
    'error',
    {
      depConstraints: constraints(inTests),
      banTransitiveDependencies: true,
      // Loading the chart library lazily on one page must not forbid another page to import it at its top.
      checkDynamicDependenciesExceptions: ['.*'],
      // The builders make transactions, and the tests of the transaction use the builders.
      ignoredCircularDependencies: [['domain', 'testing']],
    },
  ];
}

export const boundaries = [
  {
    files: ['**/*.{ts,tsx,mjs}'],
    plugins: { '@nx': nx },
    rules: { '@nx/enforce-module-boundaries': boundaryRule(false) },
  },
  {
    files: TEST_FILES,
    rules: { '@nx/enforce-module-boundaries': boundaryRule(true) },
  },
  {
    // The merchant installs the SDK alone: it takes types from the domain and no code.
    files: ['libs/client/src/**/*.ts'],
    ignores: TEST_FILES,
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        { paths: [{ name: '@veto/domain', allowTypeImports: true, message: 'The SDK takes types only.' }] },
      ],
    },
  },
];
