#!/usr/bin/env node
/**
 * Makes sure that the real parts of the suites are there: `ensure-parts.mjs [kafka] [connect] [redis]`, both brokers
 * when none is named. Prints one line of JSON, `{ java, kafka, classes, connect, redis }`: folders of jars and
 * executables.
 * What is missing and cannot be had is said in one line each, and the exit code is 1: no suite is skipped in silence.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { archiveClasses } from '../parts/archive-classes.mjs';
import { workspaceRoot } from './workspace.mjs';

const JAVA_VERSION_MIN = 17;
const PARTS = ['kafka', 'connect', 'redis'];

/** What is missing, and what to run: said to a person, without a stack. */
class MissingPart extends Error {}

const named = process.argv.slice(2);
const unknown = named.find((name) => !PARTS.includes(name));
if (unknown) throw new Error(`ensure-parts.mjs: expected ${PARTS.join(', ')}, got ${unknown}`);

/** @type {Record<string, string | undefined>} */
const found = {};
const missing = new Set();
for (const name of named.length > 0 ? named : ['kafka', 'redis']) {
  try {
    Object.assign(found, await ensurePart(name));
  } catch (error) {
    if (!(error instanceof MissingPart)) throw error;
    missing.add(error.message);
  }
}
if (missing.size === 0) console.log(JSON.stringify(found));
for (const sentence of missing) console.error(`\n*** ${sentence}\n`);
process.exitCode = missing.size === 0 ? 0 : 1;

/** @param {string} name */
async function ensurePart(name) {
  if (name === 'redis') return { redis: ensureRedis() };
  const { java, javaVersion } = ensureJava();
  const jars = ensureJars(name);
  if (name === 'connect') return { java, connect: jars };
  return { java, kafka: jars, classes: await archiveClasses({ java, javaVersion, jars }) };
}

/** An executable of at least the version that the broker needs; `JAVA_HOME` goes first. */
function ensureJava() {
  const home = process.env.JAVA_HOME;
  const java = home ? join(home, 'bin/java') : 'java';
  const { status, stderr } = spawnSync(java, ['-version'], { encoding: 'utf8' });
  const version = Number(/version "(\d+)/.exec(stderr ?? '')?.[1] ?? 0);
  if (status === 0 && version >= JAVA_VERSION_MIN) return { java, javaVersion: stderr };
  const seen = status === 0 ? `version ${version} of ${java}` : 'none';
  throw new MissingPart(
    `Java ${JAVA_VERSION_MIN} or later is missing (found: ${seen}): run \`sudo apt-get install -y openjdk-17-jre-headless maven\`, or set JAVA_HOME.`,
  );
}

/**
 * Resolves the jars of one pom through Maven, once for each content of the pom.
 * @param {string} name
 * @returns {string} the folder that holds them
 */
function ensureJars(name) {
  const pom = join(workspaceRoot, 'libs/tooling/parts', name, 'pom.xml');
  const hash = createHash('sha256').update(readFileSync(pom)).digest('hex').slice(0, 12);
  const folder = join(workspaceRoot, 'tmp/parts', `${name}-${hash}`);
  if (existsSync(folder)) return folder;
  if (spawnSync('mvn', ['-v'], { stdio: 'ignore' }).status !== 0)
    throw new MissingPart(
      'Maven is missing, and with it the jars of Apache Kafka: run `sudo apt-get install -y maven`.',
    );
  // Two processes may come here at once: each fills a folder of its own, and one rename wins.
  const filling = `${folder}.${process.pid}`;
  mkdirSync(filling, { recursive: true });
  try {
    const goal = ['dependency:copy-dependencies', `-DoutputDirectory=${filling}`];
    // Its chatter goes to stderr: stdout holds the result and nothing else.
    const { status } = spawnSync('mvn', ['-q', '-B', '-f', pom, ...goal], { stdio: ['ignore', 2, 2] });
    if (status !== 0 || readdirSync(filling).length === 0)
      throw new MissingPart(`Maven could not resolve the jars of ${pom}: its own words are above.`);
    moveUnlessThere(filling, folder);
  } finally {
    rmSync(filling, { recursive: true, force: true });
  }
  return folder;
}

/**
 * @param {string} from
 * @param {string} to
 */
function moveUnlessThere(from, to) {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!existsSync(to)) throw error;
  }
}

/** @returns {string} `REDIS_SERVER_PATH`, or the `redis-server` of the PATH, installed from Debian when it may */
function ensureRedis() {
  const redis = process.env.REDIS_SERVER_PATH ?? 'redis-server';
  if (!runs(redis) && !process.env.REDIS_SERVER_PATH && mayInstall()) installRedis();
  if (runs(redis)) return redis;
  throw new MissingPart(
    'redis-server is missing: run `sudo apt-get install -y redis-server`, or set REDIS_SERVER_PATH.',
  );
}

/** @param {string} redis */
function runs(redis) {
  return spawnSync(redis, ['--version'], { stdio: 'ignore' }).status === 0;
}

function mayInstall() {
  return process.getuid?.() === 0 && spawnSync('apt-get', ['--version'], { stdio: 'ignore' }).status === 0;
}

/** Installs Debian's package; needs root. The suites start their own server: none may run as a service. */
function installRedis() {
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  const run = (/** @type {string[]} */ ...args) =>
    execFileSync('apt-get', args, { env: environment, stdio: ['ignore', 2, 2] });
  run('update', '-qq');
  run('install', '-y', '-qq', '--no-install-recommends', 'redis-server');
}
