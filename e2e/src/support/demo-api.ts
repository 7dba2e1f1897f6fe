import type { Decision, DecisionDetail, Problem } from '@veto/domain';
import { DEMO_API_KEY } from './demo-key';

/** A dull genuine payment; `over` replaces whole members, `transaction` is merged. */
export function aPayment(
  over: { transaction: Record<string, unknown> } & Record<string, unknown>,
): Record<string, unknown> {
  return {
    merchant: { id: 'mer_nordsport', name: 'Nordsport AB', country: 'SE' },
    ...over,
    transaction: {
      occurred_at: new Date().toISOString(),
      amount: 4_990,
      currency: 'EUR',
      mcc: '5941',
      ...over.transaction,
    },
  };
}

/** A decision or a problem document: whichever it is, a test reads the members that it expects. */
export type Asked = Omit<Decision, 'status'> & Omit<Problem, 'status'>;

export interface Answer<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: T;
}

/** `POST /v1/decisions` with the demo key; the body may be anything. */
export async function decide(
  url: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Answer<Asked>> {
  return request(`${url}/v1/decisions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${DEMO_API_KEY}`, 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

export async function get<T>(url: string, path: string): Promise<Answer<T>> {
  return request(`${url}${path}`, { headers: { authorization: `Bearer ${DEMO_API_KEY}` } });
}

/** What an analyst sees of a decision; needs a session, which demo mode hands out on loopback. */
export async function detailOf(url: string, decisionId: string): Promise<DecisionDetail> {
  const session = await fetch(`${url}/desk/session`);
  const cookie = session.headers
    .getSetCookie()
    .map((each) => each.split(';')[0])
    .join('; ');
  const { body } = await request<DecisionDetail>(`${url}/desk/decisions/${decisionId}`, {
    headers: { cookie },
  });
  return body;
}

async function request<T>(url: string, init: RequestInit): Promise<Answer<T>> {
  const answer = await fetch(url, init);
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, text, body: parsed(text) as T };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
