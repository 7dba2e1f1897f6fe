#!/usr/bin/env node
/**
 * Builds apps into `dist/apps/<app>`: `build.mjs [app …] [--quiet]`. Without names: what `npm start` needs.
 * An app whose sources, libs and packages are as they were at its last build is left alone.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readProjects, withDependencies, workspaceRoot } from './workspace.mjs';

const STARTED_APPS = ['server', 'console', 'traffic'];
const NOT_A_SOURCE = /\.(spec|prove)\.tsx?$|\.md$/;
const NOT_A_SOURCE_FOLDER = new Set(['node_modules', 'dist', 'tmp', '__pycache__', '.venv']);
// Bundled: our own files and the runtime that the compiler itself calls. Packages stay in node_modules.
const BUNDLED = /^(\.|\/|@veto\/|@oxc-project\/runtime|\0)/;

/** @typedef {import('./workspace.mjs').Project} Project */

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { quiet: { type: 'boolean', default: false } },
});
process.chdir(workspaceRoot);
const projects = readProjects();
for (const name of positionals.length > 0 ? positionals : STARTED_APPS) await buildIfChanged(appNamed(name));

/**
 * @param {string} name
 * @returns {Project}
 */
function appNamed(name) {
  const apps = projects.filter((project) => project.root === `apps/${project.name}`);
  const app = apps.find((candidate) => candidate.name === name);
  if (app) return app;
  console.error(`build: no app is called "${name}"; there are ${apps.map((each) => each.name).join(', ')}`);
  process.exit(1);
}

/** @param {Project} app */
async function buildIfChanged(app) {
  const isWebsite = existsSync(join(app.root, 'vite.config.ts'));
  if (!isWebsite && !existsSync(join(app.root, 'src/main.ts'))) return;
  const outDir = `dist/apps/${app.name}`;
  const stamp = `tmp/build/${app.name}.sha256`;
  const inputs = hashOfInputs(app);
  if (existsSync(outDir) && existsSync(stamp) && readFileSync(stamp, 'utf8') === inputs) return;

  const startedAtMs = Date.now();
  // A build that fails half way must not pass for the one before it.
  rmSync(stamp, { force: true });
  await (isWebsite ? buildWebsite(app, outDir) : buildNodeApp(app, outDir));
  mkdirSync('tmp/build', { recursive: true });
  writeFileSync(stamp, inputs);
  if (!options.quiet) console.log(`built ${app.name} in ${((Date.now() - startedAtMs) / 1000).toFixed(1)} s`);
}

/**
 * Everything that decides what a build yields: sources of the app and of its libs, installed packages, this script.
 * @param {Project} app
 */
function hashOfInputs(app) {
  const hash = createHash('sha256').update(process.version);
  for (const file of ['package-lock.json', 'tsconfig.base.json', 'libs/tooling/bin/build.mjs'])
    addFile(hash, file);
  for (const project of withDependencies(app, projects)) addFolder(hash, project.root);
  return hash.digest('hex');
}

/**
 * @param {import('node:crypto').Hash} hash
 * @param {string} folder
 */
function addFolder(hash, folder) {
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory() && !NOT_A_SOURCE_FOLDER.has(entry.name)) addFolder(hash, path);
    if (entry.isFile() && !NOT_A_SOURCE.test(entry.name)) addFile(hash, path);
  }
}

/**
 * @param {import('node:crypto').Hash} hash
 * @param {string} file
 */
function addFile(hash, file) {
  const bytes = readFileSync(file);
  hash.update(`${file} ${bytes.length}\n`).update(bytes);
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
