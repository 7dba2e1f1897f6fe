import { decodeDeadLetter, encodeDeadLetter, withoutValue, type DeadLetter } from './dead-letter';

const LETTER: DeadLetter = {
  place: { topic: 'veto.transactions.v1', partition: 3, offset: 41 },
  lastOffset: 41,
  class: 'bad',
  reason: 'invalid_utf8',
  attempts: 1,
  firstSeenMs: 1_700_000_000_000,
  key: Buffer.from([0, 255]),
  value: Buffer.from([123, 195, 40]),
  headers: { tenant: Buffer.from('acme'), 'dlq.redriven-from': Buffer.from('t/0/1') },
};
const ORIGIN = { service: 'stream', build: 'abc123' };

/** As a broker gives it back: every header as bytes. */
function stored(message: ReturnType<typeof encodeDeadLetter>) {
  return {
    key: message.key as Buffer | null,
    value: message.value as Buffer | null,
    headers: Object.fromEntries(
      Object.entries(message.headers).map(([name, value]) => [name, Buffer.from(value as string | Buffer)]),
    ),
  };
}

describe('a dead letter', () => {
  it('is read back as it was written, with the headers that the record had', () => {
    expect(decodeDeadLetter(stored(encodeDeadLetter(LETTER, ORIGIN)))).toEqual({
      ...LETTER,
      ...ORIGIN,
      valueOmittedBytes: null,
    });
  });

  it('keeps the last of several offsets, and the size of a value that it cannot hold', () => {
    const message = withoutValue(encodeDeadLetter({ ...LETTER, lastOffset: 49 }, ORIGIN));
    expect(decodeDeadLetter(stored(message))).toMatchObject({
      lastOffset: 49,
      value: null,
      valueOmittedBytes: 3,
    });
  });

  it.each(['dlq.topic', 'dlq.partition', 'dlq.offset', 'dlq.class'])('is none without %s', (name) => {
    const message = stored(encodeDeadLetter(LETTER, ORIGIN));
    expect(decodeDeadLetter({ ...message, headers: { ...message.headers, [name]: undefined } })).toBeNull();
  });

  it('is none with a partition that is no number', () => {
    const message = stored(encodeDeadLetter(LETTER, ORIGIN));
    message.headers['dlq.partition'] = Buffer.from('-1');
    expect(decodeDeadLetter(message)).toBeNull();
  });
});
