import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import type { Decision } from '@veto/domain';
import { removeData, startServer, WORKSPACE, type RunningServer } from '../support/start-server';

/** The first shell block of the README that asks for a decision. */
function readmeCurl(): string {
  const readme = readFileSync(join(WORKSPACE, 'README.md'), 'utf8');
  const block = [...readme.matchAll(/```(?:sh|bash)\n([\s\S]*?)```/g)]
    .map((match) => match[1] ?? '')
    .find((text) => text.includes('/v1/decisions'));
  if (block === undefined) throw new Error('the README has no curl for /v1/decisions');
  return block;
}

let server: RunningServer;
test.beforeAll(async () => {
  server = await startServer();
});
test.afterAll(async () => {
  await server.stop();
  removeData(server);
});

test("the README's curl, pasted as it stands, returns a decision with reasons", () => {
  const script = readmeCurl()
    .replaceAll('http://127.0.0.1:8080', server.url)
    .replaceAll('http://localhost:8080', server.url);
  const decision = JSON.parse(execFileSync('bash', ['-c', script], { encoding: 'utf8' })) as Decision;
  expect(decision.object).toBe('decision');
  expect(decision.outcome).not.toBe('approve');
  expect(decision.reason_codes.length).toBeGreaterThan(0);
  expect(decision.decided_by.clause).not.toBe('');
});

test('the reference page and the OpenAPI document are there', async ({ page }) => {
  const document = (await (await fetch(`${server.url}/openapi.json`)).json()) as {
    openapi: string;
    paths: Record<string, unknown>;
  };
  expect(document.openapi).toMatch(/^3\.1/);
  expect(Object.keys(document.paths)).toContain('/v1/decisions');
  const failures: string[] = [];
  page.on('console', (message) => message.type() === 'error' && failures.push(message.text()));
  await page.goto(`${server.url}/docs`);
  await expect(page.getByText('/v1/decisions', { exact: true }).first()).toBeVisible();
  expect(failures).toEqual([]);
});
