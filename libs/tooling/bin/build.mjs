#!/usr/bin/env node
/**
 * Builds apps into `dist/apps/<app>`: `build.mjs [app …] [--quiet] [--for-tests]`. Without names: what `npm start` needs.
 * `--for-tests` builds into `dist/apps/<app>-test`, with what only tests may ask of a program: to kill itself at a named
 * point, or to have another clock. No other build contains it.
 * An app whose sources, libs and packages are as they were at its last build is left alone.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { hashOfInputs } from './build-inputs.mjs';
import { readProjects, workspaceRoot } from './workspace.mjs';

const STARTED_APPS = ['server', 'console', 'traffic'];
// Bundled: our own files and the runtime that the compiler itself calls. Packages stay in node_modules.
const BUNDLED = /^(\.|\/|@veto\/|@oxc-project\/runtime|\0)/;

/** @typedef {import('./workspace.mjs').Project} Project */

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quiet: { type: 'boolean', default: false },
    'for-tests': { type: 'boolean', default: false },
  },
});
process.chdir(workspaceRoot);
const projects = readProjects();
try {
  for (const name of positionals.length > 0 ? positionals : STARTED_APPS)
    await buildIfChanged(appNamed(name));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}

/**
 * @param {string} name
 * @returns {Project}
 */
function appNamed(name) {
  const apps = projects.filter((project) => project.root === `apps/${project.name}`);
  const app = apps.find((candidate) => candidate.name === name);
  if (app) return app;
  throw new Error(`build: no app is called "${name}"; there are ${apps.map((each) => each.name).join(', ')}`);
}

/** @param {Project} app */
async function buildIfChanged(app) {
  if (!existsSync(join(app.root, 'src'))) return;
  const isWebsite = existsSync(join(app.root, 'vite.config.ts'));
  const name = options['for-tests'] ? `${app.name}-test` : app.name;
  const outDir = `dist/apps/${name}`;
  const stamp = `tmp/build/${name}.sha256`;
  const inputs = hashOfInputs(app, projects, workspaceRoot);
  if (existsSync(outDir) && existsSync(stamp) && readFileSync(stamp, 'utf8') === inputs) return;

  const startedAtMs = Date.now();
  // A build that fails half way must not pass for the one before it.
  rmSync(stamp, { force: true });
  await (isWebsite ? buildWebsite(app, outDir) : buildNodeApp(app, outDir));
  mkdirSync('tmp/build', { recursive: true });
  writeFileSync(stamp, inputs);
  if (!options.quiet) console.log(`built ${name} in ${((Date.now() - startedAtMs) / 1000).toFixed(1)} s`);
}

/**
 * @param {Project} app
 * @param {string} outDir
 */
async function buildNodeApp(app, outDir) {
  const { build } = await import('rolldown');
  await build({
    input: `${app.root}/src/main.ts`,
    platform: 'node',
    external: (id) => !BUNDLED.test(id),
    tsconfig: `${app.root}/tsconfig.json`,
    logLevel: 'warn',
    transform: { define: { __BUILT_FOR_TESTS__: String(options['for-tests']) } },
    output: {
      dir: outDir,
      cleanDir: true,
      format: 'esm',
      entryFileNames: 'main.mjs',
      codeSplitting: false,
      sourcemap: true,
      keepNames: true,
    },
  });
}

/**
 * @param {Project} app
 * @param {string} outDir
 */
async function buildWebsite(app, outDir) {
  const { build } = await import('vite');
  await build({
    root: app.root,
    configFile: join(app.root, 'vite.config.ts'),
    logLevel: 'warn',
    build: { outDir: join(workspaceRoot, outDir), emptyOutDir: true },
  });
}
