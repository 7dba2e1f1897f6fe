import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { withDependencies } from './workspace.mjs';

const SHARED_FILES = ['package-lock.json', 'tsconfig.base.json', 'libs/tooling/bin/build.mjs'];
const NOT_BUILT = /\.(spec|prove|parts)\.tsx?$|^README\.md$/;
const NOT_BUILT_FOLDERS = new Set(['node_modules', 'dist', 'tmp', '__pycache__', '.venv']);

/** @typedef {import('./workspace.mjs').Project} Project */

/**
 * Everything that decides what a build yields — the app, its libs, the installed packages, the build itself and Node —
 * as one number: equal as long as nothing of it has changed.
 * @param {Project} app
 * @param {readonly Project[]} projects
 * @param {string} root absolute path of the workspace
 * @returns {string} SHA-256, hexadecimal
 */
export function hashOfInputs(app, projects, root) {
  const hash = createHash('sha256').update(process.version);
  const folders = withDependencies(app, projects).map((project) => project.root);
  const files = [
    ...SHARED_FILES.filter((file) => existsSync(join(root, file))),
    ...folders.flatMap(filesBelow),
  ];
  for (const file of files) {
    const bytes = readFileSync(join(root, file));
    hash.update(`${file} ${bytes.length}\n`).update(bytes);
  }
  return hash.digest('hex');

  /**
   * @param {string} folder
   * @returns {string[]}
   */
  function filesBelow(folder) {
    const entries = readdirSync(join(root, folder), { withFileTypes: true });
    return entries.sort(byName).flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) return NOT_BUILT_FOLDERS.has(entry.name) ? [] : filesBelow(path);
      return entry.isFile() && !NOT_BUILT.test(entry.name) ? [path] : [];
    });
  }
}

/**
 * @param {{ name: string }} a
 * @param {{ name: string }} b
 */
function byName(a, b) {
  return a.name < b.name ? -1 : 1;
}
