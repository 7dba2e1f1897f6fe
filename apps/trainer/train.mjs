#!/usr/bin/env node
/**
 * `npm run train`: from nothing to an artifact. Makes a Python environment, generates seeded traffic, replays it through
 * the line, trains on the vectors that were served, and writes the artifact.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const trainer = dirname(fileURLToPath(import.meta.url));
const root = resolve(trainer, '../..');
const work = join(root, 'tmp/train');
const shipped = join(root, 'libs/model/artifacts/fraud-gbt');
const inWindows = process.platform === 'win32';
const SEED = '7';
const DAYS = '120';
const PYTHON_MINOR_MIN = 11;

const HELP = `Usage: npm run train -- [options]

  --data DIR      an exported matrix (features.npy, rows.csv, feature-set.json); default: generate traffic and replay it
  --out DIR       where the artifact goes (default: the shipped one, libs/model/artifacts/fraud-gbt;
                  with --handbook: DIR/model)
  --from DATE     first day of the rows to look at, YYYY-MM-DD
  --to DATE       last day of the rows to look at
  --seed N        seed of traffic and training (default ${SEED})
  --days D        days of traffic (default ${DAYS})
  --handbook      with --data: the Fraud Detection Handbook's protocol, training up to --to (default 2018-07-31)
  --test          run the trainer's own tests instead
`;

/** The message for a person, and no stack. */
class Refusal extends Error {}

const OPTIONS = /** @type {const} */ ({
  data: { type: 'string' },
  out: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  seed: { type: 'string', default: SEED },
  days: { type: 'string', default: DAYS },
  handbook: { type: 'boolean', default: false },
  test: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
});

const options = optionsOf(process.argv.slice(2));

try {
  main();
} catch (problem) {
  if (!(problem instanceof Refusal)) throw problem;
  console.error(`train: ${problem.message}`);
  process.exit(1);
}

/** @param {readonly string[]} arguments_ */
function optionsOf(arguments_) {
  try {
    return parseArgs({ args: [...arguments_], options: OPTIONS }).values;
  } catch (problem) {
    console.error(`train: ${problem instanceof Error ? problem.message : problem}; --help lists the options`);
    process.exit(1);
  }
}

function main() {
  if (options.help) {
    console.log(HELP);
    return;
  }
  if (options.handbook && options.data === undefined) {
    throw new Refusal(
      '--handbook needs --data DIR; npm run replay -- handbook FILE --no-model --export DIR writes it',
    );
  }
  // Before the long part, so that a name that was mistyped is said at once.
  const given = options.data === undefined ? null : existingFolder(options.data);
  const python = ensurePython();
  if (options.test) {
    run('test the trainer', python, ['-m', 'unittest', 'discover', '-b']);
    return;
  }
  const data = given ?? exportTraffic();
  const out = resolve(options.out ?? (options.handbook ? join(data, 'model') : shipped));
  run('train', python, options.handbook ? handbookArguments(data, out) : trainArguments(data, out));
  console.log(`\n${readFileSync(join(out, 'report.md'), 'utf8')}`);
}

/** @param {string} data @param {string} out */
function trainArguments(data, out) {
  const name =
    options.data === undefined ? trafficName() : `exported matrix, seed ${options.seed} of training`;
  return [
    ...[
      '-m',
      'veto_trainer',
      'train',
      '--data',
      data,
      '--out',
      out,
      '--seed',
      options.seed,
      '--data-name',
      name,
    ],
    ...(options.from === undefined ? [] : ['--from', options.from]),
    ...(options.to === undefined ? [] : ['--to', options.to]),
  ];
}

/** @param {string} data @param {string} out */
function handbookArguments(data, out) {
  const trainTo = options.to ?? '2018-07-31';
  return [
    '-m',
    'veto_trainer',
    'handbook',
    '--data',
    data,
    '--out',
    out,
    '--seed',
    options.seed,
    '--train-to',
    trainTo,
  ];
}

function trafficName() {
  return `simulated by traffic generate --seed ${options.seed} --days ${options.days}, replayed through the line`;
}

/** Traffic as the simulator makes it, through the line that also serves. @returns {string} the exported folder */
function exportTraffic() {
  const file = join(work, 'traffic.ndjson');
  const folder = join(work, 'export');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  run('build', process.execPath, [join(root, 'libs/tooling/bin/build.mjs'), 'traffic', 'replay', '--quiet']);
  const { seed, days } = options;
  const traffic = join(root, 'dist/apps/traffic/main.mjs');
  run('generate traffic', process.execPath, [
    traffic,
    'generate',
    '--seed',
    seed,
    '--days',
    days,
    '--out',
    file,
  ]);
  const replay = ['--max-old-space-size=8192', join(root, 'dist/apps/replay/main.mjs')];
  run('replay', process.execPath, [...replay, 'ndjson', file, '--no-model', '--export', folder]);
  return folder;
}

/** An environment with exactly the pinned packages; made anew when the pins change. @returns {string} its interpreter */
function ensurePython() {
  const requirements = join(trainer, 'requirements.txt');
  const venv = join(work, 'venv');
  const stamp = join(venv, 'requirements.sha256');
  const python = join(venv, inWindows ? 'Scripts/python.exe' : 'bin/python');
  const wanted = createHash('sha256').update(readFileSync(requirements)).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return python;
  const system = findPython();
  rmSync(venv, { recursive: true, force: true });
  run('make a Python environment', system, ['-m', 'venv', venv]);
  const quiet = ['--quiet', '--disable-pip-version-check'];
  run('install the pinned packages', python, ['-m', 'pip', 'install', ...quiet, '-r', requirements]);
  writeFileSync(stamp, wanted);
  return python;
}

function findPython() {
  const candidates = [process.env['PYTHON'], 'python3', 'python'].filter((name) => name !== undefined);
  for (const name of candidates) {
    const asked = spawnSync(name, ['-c', 'import sys, venv, ensurepip; print(*sys.version_info[:2])'], {
      encoding: 'utf8',
    });
    const [major, minor] = (asked.stdout ?? '').trim().split(' ').map(Number);
    if (asked.status === 0 && major === 3 && (minor ?? 0) >= PYTHON_MINOR_MIN) return name;
  }
  throw new Refusal(
    `training needs Python 3.${PYTHON_MINOR_MIN} or newer with venv (Debian: apt-get install python3 python3-venv; ` +
      'or name one in PYTHON); running and testing Veto does not',
  );
}

/** @param {string} folder */
function existingFolder(folder) {
  const path = resolve(folder);
  if (!existsSync(path)) throw new Refusal(`${path} does not exist`);
  return path;
}

/** @param {string} step @param {string} command @param {readonly string[]} arguments_ */
function run(step, command, arguments_) {
  console.log(`── ${step}`);
  // No thread but one in numpy either: sums in another order are other bytes.
  const env = {
    ...process.env,
    PYTHONDONTWRITEBYTECODE: '1',
    OMP_NUM_THREADS: '1',
    OPENBLAS_NUM_THREADS: '1',
  };
  const { status, error } = spawnSync(command, arguments_, { cwd: trainer, env, stdio: 'inherit' });
  if (error !== undefined) throw new Refusal(`cannot ${step}: ${error.message}`);
  if (status !== 0) throw new Refusal(`cannot ${step}: the command ended with ${status}`);
}
