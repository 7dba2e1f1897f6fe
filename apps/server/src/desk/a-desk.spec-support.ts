import { cp, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { aClock, aTransactionPayload, type ManualClock } from '@veto/testing';
import {
  aCookie,
  asDecision,
  aScorer,
  aServer,
  deskHeaders,
  withKey,
  type TestServer,
  type TestServerOptions,
} from '../a-server.spec-support';
import { DEMO_API_KEY } from '../keys/demo-key';
import type { StoredDecision } from '../scoring/stored-decision';

/** Amounts are scores: EUR 930.00 scores 0.93. */
export const scorer = aScorer((amount) => amount / 1_000);

/** A server whose time stands still until it is moved, and its analyst. */
export async function aDesk(
  options: TestServerOptions = {},
): Promise<{ server: TestServer; clock: ManualClock; cookie: string }> {
  const clock = aClock();
  const server = await aServer({ clock, scorer, ...options });
  return { server, clock, cookie: await aCookie(server) };
}

/** Copies the folder of a server that runs, as `kill -9` would leave it. */
export async function copyOf(server: TestServer): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'veto-killed-'));
  await cp(server.dataDirectory, path, { recursive: true, filter: (from) => !from.endsWith('/lock') });
  return path;
}

let count = 0;
/** Asks about a payment with this score, by people and things never seen before but for its card. Gives the decision's id. */
export async function aPayment(
  server: TestServer,
  of: { score: number; card?: string | null; atMs: number },
): Promise<string> {
  const payload = aTransactionPayload({
    transaction: {
      id: `ord_${++count}`,
      amount: Math.round(of.score * 1_000_00),
      occurred_at: new Date(of.atMs).toISOString(),
    },
    card: of.card === null ? null : { fingerprint: of.card ?? `cfp_${count}` },
    customer: { id: `cus_${count}`, email: `anna${count}@example.org`, phone: '+46700000001' },
    device: { fingerprint: `dfp_${count}` },
    ip: { address: `192.0.2.${count % 250}` },
  });
  const reply = await server.decide(payload);
  return (await asDecision(reply)).id;
}

/** What the console does with a change. */
export const send = (server: TestServer, cookie: string, path: string, body: unknown): Promise<Response> =>
  server.request(path, { method: 'POST', headers: deskHeaders(cookie), body: JSON.stringify(body) });

/** The action that blocks a payment and its card, as the first one of its case. */
export const block = { outcome: 'block', reason: 'stolen_card', block_card: true, expected_version: 0 };
/** An analyst's action. */
export const act = (
  server: TestServer,
  cookie: string,
  id: string,
  body: unknown = block,
): Promise<Response> => send(server, cookie, `/desk/cases/${id}/actions`, body);

/** What the console reads. */
export const get = async <T>(server: TestServer, cookie: string, path: string): Promise<T> =>
  (await (await server.request(path, { headers: { cookie } })).json()) as T;

/** The decision as its merchant reads it now. */
export const stored = async (server: TestServer, id: string): Promise<StoredDecision> =>
  (await (
    await server.request(`/v1/decisions/${id}`, { headers: withKey(DEMO_API_KEY) })
  ).json()) as StoredDecision;
