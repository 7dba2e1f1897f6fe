import { TENANT } from './load';
import type { SentPayment } from './payments';
import type { StreamRecord } from './stream';

/** One way in which a record of Kafka can be wrong. */
export interface PoisonKind {
  readonly name: string;
  /** Made of a payment that would have been good. */
  readonly make: (payment: SentPayment, key: string) => StreamRecord;
}

const NESTING = 10_000;
/** As deep as fits into a body that is not too large. */
const NESTING_OF_OBJECTS = 5_000;
const LARGE_BYTES = 2 * 1024 * 1024;

/** Each as the bytes that some program sends one day. */
export const POISON_KINDS: readonly PoisonKind[] = [
  of('invalid UTF-8', ({ body }) =>
    Buffer.concat([Buffer.from(body.slice(0, -1)), Buffer.from([0xc3, 0x28, 0x7d])]),
  ),
  of('truncated JSON', ({ body }) => body.slice(0, body.length / 2)),
  of('2 MB', ({ body }) => withMember(body, 'transaction', `"description":"${'x'.repeat(LARGE_BYTES)}"`)),
  of('wrong schema id', ({ body }) => Buffer.concat([Buffer.from([0, 0, 0, 0x27, 0x0f]), Buffer.from(body)])),
  of('null value', () => null),
  of('empty value', () => ''),
  of('deep nesting', ({ body }) => withRoot(body, `"metadata":${'['.repeat(NESTING)}${']'.repeat(NESTING)}`)),
  of('deep nesting of objects', ({ body }) =>
    withRoot(body, `"metadata":${'{"a":'.repeat(NESTING_OF_OBJECTS)}1${'}'.repeat(NESTING_OF_OBJECTS)}`),
  ),
  of('__proto__', ({ body }) => withRoot(body, '"__proto__":{"outcome":"approve"}')),
  of('constructor', ({ body }) =>
    withMember(body, 'transaction', '"constructor":{"prototype":{"amount":1}}'),
  ),
  of('NaN', ({ body }) => body.replace(/"amount":\d+/, '"amount":NaN')),
  of('1e400', ({ body }) => body.replace(/"amount":\d+/, '"amount":1e400')),
  of('negative amount', ({ body }) => body.replace(/"amount":\d+/, '"amount":-1')),
  of('amount as text', ({ body }) => body.replace(/"amount":(\d+)/, '"amount":"$1"')),
  of('future schema', ({ body }) => withRoot(body, '"schema":"transaction.v9","risk_hints":["x"]')),
  of('a list', ({ body }) => `[${body}]`),
  of('a number', () => '42'),
  of('null as JSON', () => 'null'),
  of('a card number', ({ body }) => withMember(body, 'card', '"brand":"4111 1111 1111 1111"')),
  of('time that is none', ({ body }) =>
    body.replace(/"occurred_at":"[^"]+"/, '"occurred_at":"2026-02-30T25:61:00Z"'),
  ),
  {
    name: 'no tenant',
    make: ({ body }, key) => ({ key: key.replace(`${TENANT}|`, ''), value: body }),
  },
];

function of(name: string, valueOf: (payment: SentPayment) => string | Buffer | null): PoisonKind {
  return {
    name,
    make: (payment, key) => ({ key, value: valueOf(payment), headers: { tenant: TENANT } }),
  };
}

function withRoot(body: string, member: string): string {
  return `{${member},${body.slice(1)}`;
}

function withMember(body: string, parent: string, member: string): string {
  return body.replace(`"${parent}":{`, `"${parent}":{${member},`);
}
