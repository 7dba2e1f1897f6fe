'use strict';

const { mkdirSync } = require('node:fs');
const { resolve } = require('node:path');

const workspaceRoot = resolve(__dirname, '../../..');

/**
 * The Jest configuration of one project: `*.spec.ts` beside the source, run as CommonJS through swc.
 * `*.prove.ts` (minutes, not milliseconds) and `*.parts.ts` (on a real Kafka and Redis) have the same configuration
 * and are chosen by `--testMatch`.
 * @param {string} projectDir absolute path of the project; its files are the only ones searched for tests
 * @returns {import('jest').Config}
 */
function jestConfig(projectDir) {
  // Jest writes `--outputFile` but not the folder it lies in.
  mkdirSync(resolve(workspaceRoot, 'tmp/test-results'), { recursive: true });
  return {
    rootDir: projectDir,
    testMatch: ['**/*.spec.{ts,tsx}'],
    testEnvironment: resolve(__dirname, 'node-environment.cjs'),
    setupFilesAfterEnv: [resolve(__dirname, 'retry-parts.cjs')],
    transform: { '\\.([cm]?[jt]sx?)$': resolve(__dirname, 'swc-transform.cjs') },
    // The transform itself leaves CommonJS packages alone, so that no list of ESM-only packages has to be kept.
    transformIgnorePatterns: [],
    resolver: resolve(__dirname, 'resolver.cjs'),
    moduleNameMapper: { '\\.css$': resolve(__dirname, 'empty-style.cjs') },
    moduleFileExtensions: ['ts', 'tsx', 'mjs', 'cjs', 'js', 'json', 'node'],
    testPathIgnorePatterns: ['/node_modules/', '/dist/'],
    modulePathIgnorePatterns: ['<rootDir>/dist/'],
    cacheDirectory: resolve(workspaceRoot, 'tmp/jest'),
    testTimeout: 20_000,
    // On two cores a second worker is a quarter faster; more only compete with the servers that tests start.
    maxWorkers: 2,
  };
}

module.exports = { jestConfig };
