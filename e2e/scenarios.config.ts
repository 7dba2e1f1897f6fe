import { defineConfig } from '@playwright/test';

/**
 * What Veto must survive, on a real Kafka and a real Redis; no browser. One after the other: each has the machine to
 * itself, and two cores are few.
 */
export default defineConfig({
  testDir: './src/scenarios',
  testMatch: '**/*.scenario.ts',
  outputDir: '../tmp/scenarios/playwright',
  workers: 1,
  fullyParallel: false,
  timeout: 180_000,
  // A second run has another seed. What failed once is listed as flaky, with the seed that repeats it, and is to be looked at.
  retries: process.env['CI'] === undefined ? 0 : 1,
  forbidOnly: process.env['CI'] !== undefined,
  reporter: [['list'], ['json', { outputFile: '../tmp/test-results/e2e.scenarios.json' }]],
});
