import { randomUUID } from 'node:crypto';
import AxeBuilder from '@axe-core/playwright';
import { expect, test, type Locator, type Page } from '@playwright/test';
import type { Decision } from '@veto/domain';
import { aPayment, decide, get } from '../support/demo-api';
import { removeData, startServer, WORKSPACE, type RunningServer } from '../support/start-server';

const PICTURES = `${WORKSPACE}/apps/docs/pictures`;

let server: RunningServer;
test.beforeAll(async () => {
  server = await startServer({ args: ['--rate', '20', '--seed', '7'] });
});
test.afterAll(async () => {
  await server.stop();
  removeData(server);
});

const rows = (page: Page): Locator => page.getByTestId('queue-row');

/** Ids of the rows that are in the document; the grid keeps only those near the view. */
async function idsShown(page: Page): Promise<(string | null)[]> {
  return rows(page).evaluateAll((all) => all.map((row) => row.getAttribute('data-id')));
}

async function openQueue(page: Page): Promise<void> {
  await page.goto(`${server.url}/queue`);
  await expect(page.getByTestId('connection-badge')).toContainText('Live');
}

/** Shows what is held until rows that want a decision are there. */
async function waitForAttack(page: Page): Promise<void> {
  await expect
    .poll(
      async () => {
        if (await page.getByTestId('new-items-bar').isVisible()) await page.keyboard.press('.');
        return rows(page).count();
      },
      { timeout: 60_000 },
    )
    .toBeGreaterThan(12);
}

/** Goes to the third row, and waits until its whole story is in the pane. */
async function openThirdRow(page: Page): Promise<void> {
  for (const key of ['j', 'Home', 'j', 'j']) await page.keyboard.press(key);
  const selected = page.locator('[data-testid="queue-row"][aria-selected="true"]');
  const pane = page.getByTestId('detail-pane');
  await expect
    .poll(async () => pane.getByTitle((await selected.getAttribute('data-id')) ?? 'none').count())
    .toBeGreaterThan(0);
  await expect(pane).toContainText('Why this score');
  await expect(pane.getByTestId('contribution').first()).toBeVisible();
}

test('an attack appears; the analyst blocks a payment by keyboard, undoes one, and the blocked card is refused next time', async ({
  page,
}) => {
  await openQueue(page);
  await waitForAttack(page);
  await openThirdRow(page);
  await page.screenshot({ path: `${PICTURES}/queue-light.png` });

  const focused = page.locator('[data-testid="queue-row"][aria-selected="true"]');
  const undoneId = await focused.getAttribute('data-id');
  await page.keyboard.press('b');
  await expect(page.getByTestId('undo-tray')).toBeVisible();
  await page.screenshot({ path: `${PICTURES}/queue-undo.png` });
  await page.keyboard.press('z');
  await expect(page.getByTestId('undo-tray')).toBeHidden();
  await expect(focused).toHaveAttribute('data-id', undoneId ?? '');

  // A payment with a card of our own, so that the next one on it can be sent.
  const card = {
    fingerprint: 'cfp_story',
    bin: '45717360',
    last4: '4242',
    brand: 'visa',
    issuer_country: 'NG',
  };
  const suspicious = {
    merchant: { id: 'mer_nordsport', name: 'Nordsport AB', country: 'SE' },
    card,
    checks: { avs_result: 'N', cvv_result: 'N' },
    customer: {
      id: 'cus_story',
      email: 'x@mailinator.com',
      created_at: new Date(Date.now() - 120_000).toISOString(),
    },
    billing_address: { country: 'SE', postal_code: '11122' },
    shipping_address: { country: 'NG', postal_code: '10001' },
    ip: { address: '203.0.113.7', country: 'NG' },
    device: { fingerprint: 'dfp_story' },
  };
  const first = await decide(
    server.url,
    aPayment({ ...suspicious, transaction: { id: `story_${randomUUID()}`, amount: 128_400 } }),
  );
  expect(first.status, first.text).toBe(200);
  expect(first.body.outcome).not.toBe('approve');
  await page.goto(`${server.url}/decisions/${first.body.id}`);
  await expect(page.getByTestId('decision-page')).toContainText('1,284.00');
  await page.keyboard.press('b');
  await expect(page.getByTestId('undo-tray')).toBeVisible();

  await expect
    .poll(
      async () => {
        const next = await decide(
          server.url,
          aPayment({ transaction: { id: `next_${randomUUID()}` }, card }),
        );
        return next.status === 200 ? `${next.body.outcome} ${next.body.decided_by.kind}` : next.text;
      },
      { timeout: 1_000, intervals: [100] },
    )
    .toBe('block list');

  // After the undo window the effect has left: the decision has a revision by the analyst.
  await expect
    .poll(async () => (await get<Decision>(server.url, `/v1/decisions/${first.body.id}`)).body.version, {
      timeout: 20_000,
    })
    .toBe(2);
  const revised = await get<Decision>(server.url, `/v1/decisions/${first.body.id}`);
  expect(revised.body.outcome).toBe('block');
  expect(revised.body.decided_by.kind).toBe('analyst');
  await page.screenshot({ path: `${PICTURES}/decision-light.png` });
});

test('the row under the pointer never changes while the list is held', async ({ page }) => {
  await openQueue(page);
  await waitForAttack(page);
  const row = rows(page).nth(3);
  await row.hover();
  const id = await row.getAttribute('data-id');
  // The bar is always there; only when it says how many wait has something arrived that could have moved the list.
  await expect(page.getByTestId('new-items-bar')).toContainText(/Show \d+ new/, { timeout: 60_000 });
  await expect(row).toHaveAttribute('data-id', id ?? '');
});

test('the console resumes after the server was restarted', async ({ page }) => {
  test.setTimeout(180_000);
  await openQueue(page);
  await waitForAttack(page);
  await server.stop();
  await expect(page.getByTestId('connection-badge')).toContainText(/restarts|Reconnecting|Stale/);
  server = await startServer({
    dataDirectory: server.dataDirectory,
    port: Number(new URL(server.url).port),
    args: ['--rate', '20', '--seed', '7'],
  });
  await expect(page.getByTestId('connection-badge')).toContainText('Live', { timeout: 60_000 });
  // What comes after the restart takes its place beside what was there, each row once.
  await expect(page.getByTestId('new-items-bar')).toContainText(/Show \d+ new/, { timeout: 60_000 });
  await page.keyboard.press('.');
  const after = await idsShown(page);
  expect(new Set(after).size).toBe(after.length);
  expect(after.length).toBeGreaterThan(12);
});

for (const theme of ['light', 'dark'] as const) {
  test(`the queue has no serious accessibility violation (${theme})`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: theme });
    await openQueue(page);
    if ((await page.locator('html').getAttribute('data-theme')) !== theme)
      await page.getByTestId('theme-switch').click();
    await expect(page.locator('html')).toHaveAttribute('data-theme', theme);
    await waitForAttack(page);
    await openThirdRow(page);
    if (theme === 'dark') await page.screenshot({ path: `${PICTURES}/queue-dark.png` });
    const { violations } = await new AxeBuilder({ page }).analyze();
    const serious = violations.filter(
      (violation) => violation.impact === 'serious' || violation.impact === 'critical',
    );
    expect(
      serious.map(
        (violation) => `${violation.id}: ${violation.nodes.map((node) => node.target.join(' ')).join(', ')}`,
      ),
    ).toEqual([]);
  });
}
