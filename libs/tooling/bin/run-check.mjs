#!/usr/bin/env node
/**
 * Runs a check that knows no tests of its own and writes down how it went, as one test:
 * `run-check.mjs <project> <check> <command> [argument …]` → `tmp/test-results/<project>.<check>.json`.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { workspaceRoot } from './workspace.mjs';

const [project, check, command, ...args] = process.argv.slice(2);
if (!project || !check || !command) throw new Error('run-check.mjs <project> <check> <command> [argument …]');

const { status, error } = spawnSync(command, args, { cwd: workspaceRoot, stdio: 'inherit' });
if (error) throw error;
const results = join(workspaceRoot, 'tmp/test-results');
mkdirSync(results, { recursive: true });
const counts = status === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
writeFileSync(join(results, `${project}.${check}.json`), JSON.stringify(counts));
process.exitCode = status ?? 1;
