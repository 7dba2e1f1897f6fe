import { execFileSync } from 'node:child_process';
import { expect, test } from '@playwright/test';
import { decide } from '../support/demo-api';
import { startLoad, type JournalEntry } from '../support/load';
import { removeData, startServer, WORKSPACE, type RunningServer } from '../support/start-server';

const KILLS = 5;
const DECISIONS = 100_000;

/** `npm run replay -- verify` on a stopped server's data. */
function verify(dataDirectory: string): string {
  return execFileSync(
    'node',
    ['--max-old-space-size=8192', 'dist/apps/replay/main.mjs', 'verify', '--data', dataDirectory],
    {
      cwd: WORKSPACE,
      encoding: 'utf8',
    },
  );
}

async function expectAllThere(url: string, journal: readonly JournalEntry[]): Promise<void> {
  for (let i = 0; i < journal.length; i += 32) {
    const entries = journal.slice(i, i + 32);
    const answers = await Promise.all(entries.map((entry) => decide(url, entry.body)));
    expect(answers.map(({ text }) => text)).toEqual(entries.map(({ answer }) => answer));
  }
}

test('kill -9 under load: every acknowledged decision is there, byte for byte, and every vector recomputes', async () => {
  test.setTimeout(900_000);
  let server: RunningServer = await startServer();
  const { dataDirectory } = server;
  const port = Number(new URL(server.url).port);
  const load = startLoad({ at: () => server.url, prefix: 'crash', workerCount: 64, countMax: DECISIONS });
  for (let kill = 0; kill < KILLS; kill++) {
    await new Promise((resolve) => setTimeout(resolve, 1_500 + 700 * kill));
    await server.kill();
    const acknowledged = load.journal.length;
    server = await startServer({ dataDirectory, port });
    await expectAllThere(server.url, load.journal.slice(Math.max(0, acknowledged - 500), acknowledged));
  }
  await load.done;
  expect(load.failures).toEqual([]);
  expect(load.journal).toHaveLength(DECISIONS);
  await expectAllThere(server.url, load.journal);
  expect((await server.stop()).code).toBe(0);

  const report = verify(dataDirectory);
  console.log(report);
  expect(report).toMatch(/: 0 differences/);
  expect(Number(/^(\d+) decisions/m.exec(report)?.[1])).toBeGreaterThanOrEqual(DECISIONS);
  removeData(server);
});

test('SIGTERM under load: exit within ten seconds, nothing acknowledged is lost', async () => {
  test.setTimeout(180_000);
  const server = await startServer();
  const load = startLoad({ at: () => server.url, prefix: 'term', workerCount: 32, countMax: 1_000_000 });
  await expect.poll(() => load.journal.length).toBeGreaterThan(1_000);
  const stopped = await server.stop();
  await load.stop();
  expect(stopped.code).toBe(0);
  expect(stopped.tookMs).toBeLessThan(10_000);

  const again = await startServer({ dataDirectory: server.dataDirectory });
  await expectAllThere(again.url, load.journal.slice(-500));
  await again.stop();
  removeData(server);
});
