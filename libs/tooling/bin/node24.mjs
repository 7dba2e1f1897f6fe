#!/usr/bin/env node
/** Runs the tests under Node 24 as well, fetched as the npm package that carries its binary. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { workspaceRoot } from './workspace.mjs';

const MAJOR = 24;
const name = `node-${process.platform}-${process.arch}`;
const folder = join(workspaceRoot, 'tmp/node24');
const bin = join(folder, 'node_modules', name, 'bin');

mkdirSync(folder, { recursive: true });
if (!existsSync(join(bin, 'node'))) {
  run(
    'npm',
    'install',
    '--prefix',
    folder,
    '--no-save',
    '--no-package-lock',
    '--ignore-scripts',
    `${name}@${MAJOR}`,
  );
}
// npm and nx are found through PATH again, so that everything below them is the new Node too.
process.env.PATH = `${bin}${delimiter}${process.env.PATH}`;
run('node', '--version');
run('npm', 'test');

/**
 * @param {string} command
 * @param {string[]} args
 */
function run(command, ...args) {
  const { status, error } = spawnSync(command, args, { cwd: workspaceRoot, stdio: 'inherit' });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}
