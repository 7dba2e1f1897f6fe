import { TOPICS, type LogRecord } from '@veto/domain';
import { messageOf, recordOf } from './log-message';

const record: LogRecord = {
  topic: TOPICS.decisions,
  key: 'ten_test|é',
  value: new Uint8Array([1, 2, 3]),
  seq: 2 ** 48 - 1,
  epoch: 12,
  applied: new Uint8Array([0, 255]),
};

/** What a consumer is handed of what a producer was given. */
function consumed(message: ReturnType<typeof messageOf>) {
  const headers = Object.entries(message.headers ?? {}).map(([name, value]) => [
    name,
    Buffer.from(value as string),
  ]);
  return {
    key: Buffer.from(message.key as string),
    value: message.value as Buffer,
    headers: Object.fromEntries(headers) as Record<string, Buffer>,
    timestamp: message.timestamp ?? '0',
    attributes: 0,
    offset: '0',
  };
}

describe('a record as a message', () => {
  it('comes back as it was, with the time of its append', () => {
    const message = messageOf({ record: { ...record, appendedAtMs: 1_700_000_000_123 }, partition: 4 });
    expect([message.partition, message.headers?.['schema']]).toEqual([4, 'decisions.v1']);
    expect(recordOf(TOPICS.decisions, consumed(message))).toEqual({
      ...record,
      appendedAtMs: 1_700_000_000_123,
    });
  });

  it('has no seq, epoch or applied event when the record has none', () => {
    const { topic, key, value } = record;
    const message = messageOf({ record: { topic, key, value, appendedAtMs: 5 }, partition: 0 });
    expect(Object.keys(message.headers ?? {})).toEqual(['schema']);
    expect(recordOf(topic, consumed(message))).toEqual({ topic, key, value, appendedAtMs: 5 });
  });
});

describe("a message of somebody else's", () => {
  const bare = { value: Buffer.from('{}'), timestamp: '7', attributes: 0, offset: '0' };

  it('has an empty key and no headers', () => {
    expect(recordOf(TOPICS.labels, { ...bare, key: null, headers: {} })).toEqual({
      topic: TOPICS.labels,
      key: '',
      value: new Uint8Array(Buffer.from('{}')),
      appendedAtMs: 7,
    });
  });

  it.each(['', '-1', '1e3', '12 ', '٣', '9'.repeat(16)])('has no seq when its header says "%s"', (seq) => {
    const headers = { seq: Buffer.from(seq), epoch: [Buffer.from('1')] };
    expect(Object.keys(recordOf(TOPICS.labels, { ...bare, key: null, headers }) ?? {})).toEqual([
      'topic',
      'key',
      'value',
      'appendedAtMs',
    ]);
  });

  it('is no record when it is a tombstone', () => {
    expect(recordOf(TOPICS.lists, { ...bare, value: null, key: Buffer.from('k'), headers: {} })).toBeNull();
  });
});
