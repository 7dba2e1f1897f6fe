import { expect, test } from '@playwright/test';
import fc from 'fast-check';
import type { Problem } from '@veto/domain';
import { aPayment } from '../support/demo-api';
import { DEMO_API_KEY } from '../support/demo-key';
import { removeData, startServer, type RunningServer } from '../support/start-server';

const COUNT = 10_000;
const AT_ONCE = 32;

let server: RunningServer;
test.beforeAll(async () => {
  server = await startServer();
});
test.afterAll(async () => {
  await server.stop();
  removeData(server);
});

const VALID = aPayment({
  transaction: { id: 'x' },
  card: { fingerprint: 'cfp_x', bin: '45717360', last4: '4242', exp_month: 11, exp_year: 2030, wallet: null },
  checks: { avs_result: 'Y', cvv_result: 'M' },
  customer: { id: 'cus_1', email: 'a@example.com', created_at: '2025-01-02T00:00:00Z' },
  billing_address: { city: 'Barcelona', postal_code: '08001', country: 'ES' },
  device: { fingerprint: 'dfp_1', user_agent: 'Mozilla/5.0' },
  ip: { address: '203.0.113.7' },
  metadata: { cart_items: '3' },
});

/** Every object or leaf of the valid body, as a path. */
const PATHS = pathsOf(VALID);

function pathsOf(value: unknown, path: readonly string[] = []): string[][] {
  if (value === null || typeof value !== 'object') return [[...path]];
  return [[...path], ...Object.entries(value).flatMap(([key, member]) => pathsOf(member, [...path, key]))];
}

function mutated(path: readonly string[], replacement: unknown, mode: 'replace' | 'remove' | 'add'): unknown {
  if (path.length === 0) return replacement;
  const copy = structuredClone(VALID);
  const parent = path
    .slice(0, -1)
    .reduce<Record<string, unknown>>((at, key) => at[key] as Record<string, unknown>, copy);
  const last = path.at(-1) ?? '';
  if (mode === 'remove') delete parent[last];
  else if (mode === 'add') parent[`${last}_extra`] = replacement;
  else parent[last] = replacement;
  return copy;
}

const mutation = fc
  .record({
    path: fc.constantFrom(...PATHS),
    replacement: fc.oneof(
      fc.jsonValue({ maxDepth: 6 }),
      fc.string({ unit: 'binary' }),
      fc.double(),
      fc.constantFrom(-1, 0.5, 2 ** 60, '', ' ', '\u0000', null),
    ),
    mode: fc.constantFrom('replace' as const, 'remove' as const, 'add' as const),
  })
  .map(({ path, replacement, mode }) => JSON.stringify(mutated(path, replacement, mode)) ?? 'undefined');

/** A valid body with its text cut, or with bytes put in. */
const mangled = fc
  .record({
    at: fc.nat(900),
    cut: fc.boolean(),
    junk: fc.string({ unit: 'binary', minLength: 1, maxLength: 8 }),
  })
  .map(({ at, cut, junk }) => {
    const text = JSON.stringify(VALID);
    return cut
      ? text.slice(0, at % text.length)
      : text.slice(0, at % text.length) + junk + text.slice(at % text.length);
  });

async function post(
  body: string | Uint8Array,
  contentType = 'application/json',
): Promise<{ status: number; text: string; type: string | null }> {
  const answer = await fetch(`${server.url}/v1/decisions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${DEMO_API_KEY}`, 'content-type': contentType },
    body: body as string,
  });
  return { status: answer.status, text: await answer.text(), type: answer.headers.get('content-type') };
}

type Reply = Awaited<ReturnType<typeof post>>;

/** What is wrong with an answer to a body that may be anything, or null. */
function faultOf({ status, text, type }: Reply): string | null {
  if (status >= 500) return 'our own failure';
  if (/\n\s+at |node_modules|\.ts:\d/.test(text)) return 'a stack trace';
  if (status === 200) return null;
  if (type === null || !type.includes('application/problem+json'))
    return `not a problem document but ${type}`;
  const problem = JSON.parse(text) as Problem;
  if (problem.status !== status) return `the document says ${problem.status}`;
  // Sharing an id makes later valid mutations a 422, which names its pointers too.
  const isOfTheBody = problem.code === 'invalid_request' || problem.code === 'transaction_id_reused';
  if (!isOfTheBody) return null;
  const named = problem.errors.length > 0 && problem.errors.every(({ pointer }) => /^(\/|$)/.test(pointer));
  return named ? null : 'no pointer';
}

test(`${COUNT} malformed bodies: no 5xx, no stack trace, each error names its pointer`, async () => {
  test.setTimeout(600_000);
  const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
  console.log(`seed ${seed} (SEED=${seed} repeats it)`);
  const bodies = fc.sample(fc.oneof({ arbitrary: mutation, weight: 4 }, { arbitrary: mangled, weight: 1 }), {
    numRuns: COUNT,
    seed,
  });
  const statuses = new Map<number, number>();
  const faults: string[] = [];
  for (let i = 0; i < bodies.length; i += AT_ONCE) {
    const batch = bodies.slice(i, i + AT_ONCE);
    const answers = await Promise.all(batch.map((body) => post(body)));
    answers.forEach((answer, j) => {
      const fault = faultOf(answer);
      if (fault !== null)
        faults.push(`${fault}: ${answer.status} ${answer.text.slice(0, 300)} for ${batch[j]?.slice(0, 300)}`);
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
    });
  }
  console.log(Object.fromEntries(statuses));
  expect(faults).toEqual([]);
  expect(statuses.get(400) ?? 0).toBeGreaterThan(COUNT / 2);
});

const nested = (depth: number): string => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
const HAND: readonly (readonly [name: string, body: string | Uint8Array, contentType?: string])[] = [
  ['nothing', ''],
  ['a number', '1'],
  ['null', 'null'],
  ['an array', '[]'],
  ['deep nesting', nested(10_000)],
  ['deep nesting in metadata', JSON.stringify({ ...VALID, metadata: JSON.parse(nested(60)) as unknown })],
  ['deep arrays', `${'['.repeat(15_000)}${']'.repeat(15_000)}`],
  ['__proto__', JSON.stringify(VALID).replace('"merchant"', '"__proto__":{"admin":true},"merchant"')],
  [
    'constructor.prototype',
    JSON.stringify(VALID).replace('"merchant"', '"constructor":{"prototype":{"admin":true}},"merchant"'),
  ],
  ['NaN', JSON.stringify(VALID).replace('4990', 'NaN')],
  ['Infinity', JSON.stringify(VALID).replace('4990', 'Infinity')],
  ['1e400', JSON.stringify(VALID).replace('4990', '1e400')],
  ['-0', JSON.stringify(VALID).replace('4990', '-0.0000001')],
  ['10 MB', JSON.stringify({ ...VALID, metadata: { note: 'x'.repeat(10_000_000) } })],
  ['UTF-16', Buffer.from(JSON.stringify(VALID), 'utf16le'), 'application/json; charset=utf-16'],
  ['Latin-1', Buffer.from(JSON.stringify(VALID).replace('Nordsport', 'Nördsport'), 'latin1')],
  [
    'invalid UTF-8',
    Buffer.concat([
      Buffer.from('{"transaction":{"id":"'),
      Buffer.from([0xff, 0xfe, 0xc0]),
      Buffer.from('"}}'),
    ]),
  ],
  ['a form', 'transaction=1', 'application/x-www-form-urlencoded'],
  ['text', JSON.stringify(VALID), 'text/plain'],
  ['no known type', JSON.stringify(VALID), 'application/xml'],
  ['a lone surrogate', JSON.stringify(VALID).replace('Nordsport', '\\ud800')],
  ['two transactions', JSON.stringify(VALID).replace('{"merchant"', '{"transaction":{"id":"y"},"merchant"')],
  ['thousands of members', `{${Array.from({ length: 3_000 }, (_, i) => `"k${i}":1`).join(',')}}`],
];

for (const [name, body, contentType] of HAND) {
  test(`a body of ${name} is refused or decided, never a failure`, async () => {
    const answer = await post(body, contentType).catch((error: unknown) => closedEarly(error));
    expect(faultOf(answer), answer.text.slice(0, 300)).toBeNull();
  });
}

/** A server may close the connection on a body that is far too large before it was sent to the end; that is a refusal too. */
function closedEarly(error: unknown): { status: number; text: string; type: string } {
  if (!(error instanceof TypeError)) throw error;
  return { status: 413, text: JSON.stringify({ status: 413 }), type: 'application/problem+json' };
}
