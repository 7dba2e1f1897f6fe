import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Absolute path of the workspace's root. */
export const workspaceRoot = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');

/**
 * One npm workspace.
 * @typedef {object} Project
 * @property {string} name as nx knows it: `domain`, `server`
 * @property {string} packageName as npm knows it: `@veto/domain`
 * @property {string} root path below the workspace's root: `libs/domain`
 * @property {readonly string[]} tags nx tags: `lib:domain`
 * @property {readonly string[]} targets what nx may run for it: `test`, `lint`
 * @property {readonly string[]} dependencies package names, of the workspace and of npm, without development's
 */

/**
 * Every project of the workspace, in alphabetical order of its folder.
 * @returns {Project[]}
 */
export function readProjects() {
  const folders = ['apps', 'libs'].flatMap((parent) =>
    readdirSync(join(workspaceRoot, parent), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => `${parent}/${entry.name}`),
  );
  return [...folders, 'e2e'].sort().map(readProject);
}

/**
 * @param {string} root
 * @returns {Project}
 */
function readProject(root) {
  const manifest = JSON.parse(readFileSync(join(workspaceRoot, root, 'package.json'), 'utf8'));
  return {
    name: manifest.nx.name,
    packageName: manifest.name,
    root,
    tags: manifest.nx.tags,
    targets: Object.keys(manifest.nx.targets ?? {}),
    dependencies: Object.keys(manifest.dependencies ?? {}),
  };
}

/**
 * A project and every project of the workspace that it stands on, itself first.
 * @param {Project} project
 * @param {readonly Project[]} projects
 * @returns {Project[]}
 */
export function withDependencies(project, projects) {
  const found = new Set([project]);
  for (const each of found) {
    for (const name of each.dependencies) {
      const dependency = projects.find((candidate) => candidate.packageName === name);
      if (dependency) found.add(dependency);
    }
  }
  return [...found];
}
