import type { Problem } from '@veto/domain';
import type { TestServer } from '../a-server.spec-support';
import { DEMO_API_KEY } from '../keys/demo-key';

/** Headers of a merchant who sends JSON with the demo key. */
export const JSON_HEADERS = {
  authorization: `Bearer ${DEMO_API_KEY}`,
  'content-type': 'application/json',
};

export interface Reply {
  readonly status: number;
  readonly body: string;
  readonly type: string;
}

/** `POST /v1/decisions` with any bytes, past the socket. */
export async function post(
  server: TestServer,
  body: string | Buffer,
  headers: Record<string, string> = JSON_HEADERS,
): Promise<Reply> {
  const reply = await server.app.inject({ method: 'POST', url: '/v1/decisions', headers, payload: body });
  return { status: reply.statusCode, body: reply.body, type: String(reply.headers['content-type']) };
}

/** A problem document without a trace of our own code in it. */
export function expectProblem(reply: Reply): Problem {
  expect(reply.status).toBeGreaterThanOrEqual(400);
  expect(reply.status).toBeLessThan(500);
  expect(reply.type).toContain('application/problem+json');
  expect(reply.body).not.toMatch(/at .*\.[jt]s|node_modules|Error:/);
  return JSON.parse(reply.body) as Problem;
}

/** The path to every member of a body, outer ones before those within them. */
export function pathsOf(value: Readonly<Record<string, unknown>>, at: readonly string[] = []): string[][] {
  return Object.entries(value).flatMap(([key, member]) => [
    [...at, key],
    ...(typeof member === 'object' && member !== null
      ? pathsOf(member as Record<string, unknown>, [...at, key])
      : []),
  ]);
}
