#!/usr/bin/env node
/**
 * Prints how the steps of a run went and, as the last line, `N passed, N failed`:
 * `sum-results.mjs <steps.tsv> [results folder]`; a line of steps is `name ⇥ exit code ⇥ seconds ⇥ results of it`,
 * the last one a suffix of file names, or `-` for a step that is itself one test.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { countsOf } from './counts-of.mjs';

const [stepsFile, folder = 'tmp/test-results'] = process.argv.slice(2);
if (!stepsFile) throw new Error('sum-results.mjs <steps.tsv> [results folder]');

const files = existsSync(folder) ? readdirSync(folder) : [];
const lines = readFileSync(stepsFile, 'utf8').trim().split('\n');
const steps = lines.map((line) => {
  const [name = '', exitCode = '', seconds = '', results = ''] = line.split('\t');
  const reports = files
    .filter((file) => kindOf(file) === results)
    .map((file) => readReport(join(folder, file)));
  return { name, seconds, ...countsOf(reports, exitCode === '0', results === '-') };
});
const passed = steps.reduce((sum, step) => sum + step.passed, 0);
const failed = steps.reduce((sum, step) => sum + step.failed, 0);

console.log(`\n${row('step', 'passed', 'failed', 'seconds')}`);
for (const step of steps) console.log(row(step.name, step.passed, step.failed, step.seconds));
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

/**
 * `domain.json` holds tests, `domain.lint.json` a lint, and `e2e.json` the browser's suite.
 * @param {string} file
 */
function kindOf(file) {
  if (file === 'e2e.json') return 'e2e';
  return /\.(\w+)\.json$/.exec(file)?.[1] ?? 'test';
}

/** @param {string} path */
function readReport(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}

/**
 * @param {string} name
 * @param {(string | number)[]} numbers
 */
function row(name, ...numbers) {
  return name.padEnd(14) + numbers.map((number) => String(number).padStart(9)).join('');
}
