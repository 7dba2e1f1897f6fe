import { createRequire } from 'node:module';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import type { Message } from 'kafkajs';
import { registerCodecs } from '../codecs/register-codecs';
import { crc32c } from './crc32c';
import { decodeFetch } from './decode-fetch';
import { encodeProduce, type ProduceRequest } from './encode-produce';

/** kafkajs's own, which ours are held against. */
const inner = createRequire(join(process.cwd(), 'package.json'));
const kafkajsRequest = inner('kafkajs/src/protocol/requests/produce/v7/request') as (
  request: ProduceRequest & { readonly compression?: number },
) => { encode: () => Promise<{ buffer: Buffer }> };
const kafkajsResponse = inner('kafkajs/src/protocol/requests/fetch/v11/response') as {
  decode: (bytes: Buffer) => Promise<unknown>;
};
const kafkajsCrc32c = inner('kafkajs/src/protocol/recordBatch/crc32C') as (bytes: Buffer) => number;

const NOW_MS = 1_790_000_000_000;
beforeEach(() => {
  registerCodecs();
  jest.spyOn(Date, 'now').mockReturnValue(NOW_MS);
});
afterEach(() => {
  jest.restoreAllMocks();
});

const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
const text = fc.string({ unit: 'grapheme', maxLength: 40 });
/** kafkajs mixes what every object has into the value of such a header; it is tested by itself. */
const headerName = text.filter((name) => !(name in {}));
const headers = fc.dictionary(
  headerName,
  fc.oneof(bytes, text, fc.array(bytes, { minLength: 2, maxLength: 3 })),
  {
    maxKeys: 5,
    noNullPrototype: true,
  },
);
/** kafkajs orders timestamps as text: of one length only, so that its order is that of time. */
const timestamp = fc.integer({ min: 1_000_000_000_000, max: 9_999_999_999_999 }).map(String);
const message = fc.record(
  {
    key: fc.oneof(text, bytes, fc.constant(null)),
    value: fc.oneof(bytes, text, fc.constant(null)),
    headers,
    timestamp,
  },
  { requiredKeys: ['key', 'value', 'timestamp'] },
) as fc.Arbitrary<Message>;
const request: fc.Arbitrary<ProduceRequest> = fc.record({
  acks: fc.constantFrom(-1, 1),
  timeout: fc.integer({ min: 1, max: 60_000 }),
  topicData: fc.array(
    fc.record({
      topic: fc.string({ minLength: 1, maxLength: 30 }),
      partitions: fc.array(
        fc.record({
          partition: fc.integer({ min: 0, max: 100 }),
          firstSequence: fc.constant(0),
          messages: fc.array(message, { minLength: 1, maxLength: 150 }),
        }),
        { minLength: 1, maxLength: 3 },
      ),
    }),
    { minLength: 1, maxLength: 2 },
  ),
});

describe('the sum of a record batch', () => {
  it('is that of the standard', () => {
    // The check value of CRC-32C.
    expect(crc32c(Buffer.from('123456789'), 0, 9)).toBe(0xe3069283);
    expect(crc32c(Buffer.from('123456789'), 0, 9)).not.toBe(crc32(Buffer.from('123456789')));
  });

  it('is that of kafkajs, of any part of any bytes', () => {
    fc.assert(
      fc.property(bytes, fc.nat(20), fc.nat(20), (all, before, after) => {
        const to = Math.max(0, all.length - after);
        const from = Math.min(before, to);
        expect(crc32c(all, from, to)).toBe(kafkajsCrc32c(all.subarray(from, to)));
      }),
    );
  });
});

describe('a request to append', () => {
  it('has the bytes that kafkajs gives it', async () => {
    await fc.assert(
      fc.asyncProperty(request, async (each) => {
        const wanted = (await kafkajsRequest(each).encode()).buffer;
        expect(encodeProduce(each, NOW_MS).equals(wanted)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('dates records that bring no time now', async () => {
    const one = aRequest([{ key: 'k', value: 'v' }]);
    expect(encodeProduce(one, NOW_MS).equals((await kafkajsRequest(one).encode()).buffer)).toBe(true);
  });

  it('orders records of times that are not of one length, which kafkajs does not', () => {
    const times = ['9', '10', '8'];
    const encoded = encodeProduce(
      aRequest(times.map((time) => ({ key: 'k', value: 'v', timestamp: time }))),
      0,
    );
    // After the body's own 35 bytes up to the batch: its first and last timestamps.
    const batchAt = 2 + 2 + 4 + 4 + 2 + 1 + 4 + 4 + 4;
    expect(encoded.readBigInt64BE(batchAt + 27)).toBe(8n);
    expect(encoded.readBigInt64BE(batchAt + 35)).toBe(10n);
  });
});

describe('an answer to a fetch', () => {
  it('is what kafkajs makes of it, packed or not, with batches cut off at the end', async () => {
    await fc.assert(
      fc.asyncProperty(request, fc.constantFrom(0, 1, 2, 3), fc.nat(80), async (each, codec, cutBytes) => {
        const answer = await answerOf(each, codec, cutBytes);
        expect(await decodeFetch(answer)).toEqual(await kafkajsResponse.decode(answer));
      }),
      { numRuns: 60 },
    );
  });

  it.each(['__proto__', 'constructor', 'toString'])(
    'has a header by the name of %s as its own',
    async (name) => {
      const named = Object.fromEntries([[name, Buffer.from('a')]]);
      const answer = await answerOf(aRequest([{ key: 'k', value: 'v', headers: named }]), 0, 0);
      const message = (await decodeFetch(answer))?.responses[0]?.partitions[0]?.messages[0];
      expect(Object.entries(message?.headers ?? {})).toEqual([[name, Buffer.from('a')]]);
      expect(Object.getPrototypeOf(message?.headers)).toBe(Object.prototype);
    },
  );

  it('tells records of a transaction, control batches and the broker’s own time', async () => {
    const answer = await answerOf(aRequest([{ key: 'k', value: 'v', timestamp: '1790000000001' }]), 0, 0);
    const batchAt = answer.length - batchOf(await encoded(aRequest([{ key: 'k', value: 'v' }]), 0)).length;
    for (const attributes of [0x08, 0x10, 0x30]) {
      answer.writeInt16BE(attributes, batchAt + 21);
      expect(await decodeFetch(answer)).toEqual(await kafkajsResponse.decode(answer));
    }
  });

  it('is left to kafkajs when it holds messages of the old format', async () => {
    const answer = await answerOf(aRequest([{ key: 'k', value: 'v' }]), 0, 0);
    const batchAt = answer.length - batchOf(await encoded(aRequest([{ key: 'k', value: 'v' }]), 0)).length;
    answer[batchAt + 16] = 1;
    expect(await decodeFetch(answer)).toBeNull();
  });

  it('is refused when a batch without codec is damaged', async () => {
    const answer = await answerOf(aRequest([{ key: 'k', value: 'v'.repeat(50) }]), 0, 0);
    answer.fill(0xff, answer.length - 40);
    await expect(decodeFetch(answer)).rejects.toThrow(RangeError);
  });
});

function aRequest(messages: readonly Message[]): ProduceRequest {
  return { acks: -1, timeout: 1_000, topicData: [{ topic: 't', partitions: [{ partition: 0, messages }] }] };
}

async function encoded(each: ProduceRequest, compression: number): Promise<Buffer> {
  return (await kafkajsRequest({ ...each, compression }).encode()).buffer;
}

/** The batch of a request with one topic, named by one letter, and one partition. */
function batchOf(body: Buffer): Buffer {
  return body.subarray(2 + 2 + 4 + 4 + 2 + 1 + 4 + 4 + 4);
}

/** What a broker would answer that holds the batches of a request, each partition's last cut off by some bytes. */
async function answerOf(each: ProduceRequest, compression: number, cutBytes: number): Promise<Buffer> {
  const parts: Buffer[] = [int32(0), int16(0), int32(7), int32(each.topicData.length)];
  for (const { topic, partitions } of each.topicData) {
    const name = Buffer.from(topic);
    parts.push(int16(name.length), name, int32(partitions.length));
    for (const { partition, messages } of partitions) {
      const whole = batchOf(await encoded(aRequest(messages), compression));
      const batches = Buffer.concat([whole, whole.subarray(0, whole.length - cutBytes)]);
      parts.push(int32(partition), int16(0), int64(99n), int64(98n), int64(1n));
      parts.push(int32(1), int64(5n), int64(6n), int32(-1), int32(batches.length), batches);
    }
  }
  return Buffer.concat(parts);
}

function int16(value: number): Buffer {
  const buffer = Buffer.alloc(2);
  buffer.writeInt16BE(value);
  return buffer;
}

function int32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeInt32BE(value);
  return buffer;
}

function int64(value: bigint): Buffer {
  const buffer = Buffer.alloc(8);
  buffer.writeBigInt64BE(value);
  return buffer;
}
