#!/usr/bin/env node
/** Makes sure that the browser of the e2e suite is there: prints its path, or says in one line what to run. */
import { execFileSync, spawnSync } from 'node:child_process';
import { accessSync, constants, realpathSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const FOLDERS = ['/usr/bin', '/usr/local/bin', '/snap/bin', ...(process.env.PATH ?? '').split(delimiter)];
const MACOS = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';

/**
 * Where Chromium (or Chrome, which is the same to a test) lies.
 * @returns {string | undefined} an executable's absolute path; `CHROMIUM_PATH` goes before all others
 * @throws {Error} when `CHROMIUM_PATH` is set to something that cannot be run
 */
export function chromiumPath() {
  const chosen = process.env.CHROMIUM_PATH;
  if (chosen) {
    if (isExecutable(chosen)) return chosen;
    throw new Error(`CHROMIUM_PATH: expected an executable file, got ${chosen}`);
  }
  const candidates = NAMES.flatMap((name) => FOLDERS.map((folder) => join(folder, name)));
  return [...candidates, MACOS].find(isExecutable);
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Installs Debian's package; needs root. */
function installChromium() {
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const run = (/** @type {string[]} */ ...args) =>
    // Its chatter goes to stderr: stdout holds the path and nothing else.
    execFileSync('apt-get', args, { env: environment, stdio: ['ignore', 2, 2] });
  run('update', '-qq');
  run('install', '-y', '-qq', '--no-install-recommends', 'chromium', 'fonts-liberation');
}

function mayInstall() {
  return process.getuid?.() === 0 && spawnSync('apt-get', ['--version'], { stdio: 'ignore' }).status === 0;
}

function ensureChromium() {
  if (chromiumPath() === undefined && mayInstall()) installChromium();
  const path = chromiumPath();
  if (path) return console.log(path);
  console.error(
    'Chromium is missing: run `sudo apt-get install -y chromium`, or set CHROMIUM_PATH to any Chromium or Chrome.',
  );
  process.exitCode = 1;
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    ensureChromium();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
