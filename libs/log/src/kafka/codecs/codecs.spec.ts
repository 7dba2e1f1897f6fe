import { deflateRawSync, gzipSync } from 'node:zlib';
import { UNPACKED_BYTES_MAX, type Codec } from './codec';
import { gzipCodec } from './gzip-codec';
import { lz4Codec } from './lz4-codec';
import { snappyCodec } from './snappy-codec';
import { markUndecodable, undecodableBatch } from './undecodable-batch';
import { readVarint, writeVarint } from './varint';
import { unpackInJs } from './zstd-codec';

const TEXT = Buffer.from('one payment after another, '.repeat(2_000));
const CODECS: readonly (readonly [string, Codec])[] = [
  ['gzip', gzipCodec],
  ['snappy', snappyCodec],
  ['lz4', lz4Codec],
];

describe.each(CODECS)('%s', (_, codec) => {
  it('unpacks what it packed', async () => {
    const packed = await codec.compress({ buffer: TEXT });
    expect(packed.length).toBeLessThan(TEXT.length / 5);
    expect((await codec.decompress(packed)).equals(TEXT)).toBe(true);
  });

  it('rejects what was cut short', async () => {
    const packed = await codec.compress({ buffer: TEXT });
    await expect(codec.decompress(packed.subarray(0, packed.length - 40))).rejects.toThrow();
  });

  it('rejects what is larger than any batch, unpacked', async () => {
    const packed = await codec.compress({ buffer: Buffer.alloc(UNPACKED_BYTES_MAX + 70_000) });
    await expect(codec.decompress(packed)).rejects.toThrow();
  });
});

describe('zstd without Node’s own', () => {
  /** One frame, one block of a single repeated byte (RLE), by the format: magic, descriptor, window, block header, byte. */
  function frameOfOneByte(byte: number, count: number, blockCount: number): Buffer {
    const block = (isLast: boolean): Buffer => {
      const header = (count << 3) | (1 << 1) | (isLast ? 1 : 0);
      return Buffer.from([header & 255, (header >> 8) & 255, (header >> 16) & 255, byte]);
    };
    const blocks = Array.from({ length: blockCount }, (_, index) => block(index === blockCount - 1));
    return Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x38]), ...blocks]);
  }

  it('unpacks a frame', () => {
    expect(unpackInJs(frameOfOneByte(65, 1_000, 3)).equals(Buffer.alloc(3_000, 65))).toBe(true);
  });

  it('refuses a frame of 4 kB that unpacks to more than any batch', () => {
    const bomb = frameOfOneByte(0, 128 * 1024, 513);
    expect(bomb.length).toBeLessThan(4_096);
    expect(() => unpackInJs(bomb)).toThrow('unpacks to too much');
  });

  it('refuses a frame that was cut short', () => {
    expect(() => unpackInJs(frameOfOneByte(65, 1_000, 3).subarray(0, 11))).toThrow();
  });
});

describe('a batch in the answer of a broker', () => {
  /** The header of 61 bytes in front of the packed records, as kafkajs hands over only the latter. */
  function batchOf(packed: Buffer, recordCount: number): Buffer {
    const bytes = Buffer.alloc(61 + packed.length);
    bytes.writeBigInt64BE(700n, 0);
    bytes.writeInt32BE(bytes.length - 12, 8);
    bytes.writeInt8(2, 16);
    bytes.writeInt32BE(recordCount - 1, 23);
    bytes.writeInt32BE(recordCount, 57);
    packed.copy(bytes, 61);
    return bytes.subarray(61);
  }

  const record = Buffer.concat([writeVarint(3), Buffer.from('abc')]);

  it('is unpacked when it holds as many records as it says', async () => {
    const packed = gzipSync(Buffer.concat([record, record]));
    const unpacked = await markUndecodable('gzip', gzipCodec).decompress(batchOf(packed, 2));
    expect(unpacked.equals(Buffer.concat([record, record]))).toBe(true);
  });

  it.each([
    ['is no gzip', deflateRawSync(record)],
    ['holds fewer records than it says', gzipSync(record)],
    ['holds more than it says', gzipSync(Buffer.concat([record, record, record]))],
  ])('becomes markers when it %s', async (_, packed) => {
    const markers = await markUndecodable('gzip', gzipCodec).decompress(batchOf(packed, 2));
    let at = 0;
    for (let index = 0; index < 2; index++) {
      const length = readVarint(markers, at);
      at = (length?.end ?? Infinity) + (length?.value ?? 0);
    }
    expect(at).toBe(markers.length);
  });

  it('rejects as ever when its header is not to be found', async () => {
    await expect(markUndecodable('gzip', gzipCodec).decompress(Buffer.from('no gzip'))).rejects.toThrow(
      'header check',
    );
  });
});

describe('a record on a topic', () => {
  it('cannot pass for a marker', () => {
    expect(undecodableBatch({ headers: { 'veto.undecodable': Buffer.from('{}') } })).toBeNull();
    expect(undecodableBatch({})).toBeNull();
  });
});

describe('a number in a record', () => {
  it.each([0, 1, -1, 63, 64, -64, -65, 8_191, 8_192, 2_147_483_647, -2_147_483_648])(
    '%d is read back',
    (value) => {
      const bytes = writeVarint(value);
      expect(readVarint(bytes, 0)).toEqual({ value, end: bytes.length });
    },
  );

  it('is none when it has no end', () => {
    expect(readVarint(Buffer.from([0x80, 0x80]), 0)).toBeNull();
    expect(readVarint(Buffer.alloc(6, 0x80), 0)).toBeNull();
  });
});
