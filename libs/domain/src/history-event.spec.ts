import { packApplied, unpackApplied } from './history-event';
import { HISTORY_RECORD_BYTES } from './history-record';

const record = Uint8Array.from({ length: HISTORY_RECORD_BYTES }, (_, i) => 255 - i);

describe('an applied event', () => {
  it.each([
    ['no entity', []],
    ['one', ['card:tok_1']],
    ['several, one of them not ASCII', ['card:tok_1', 'customer:é漢', 'ip:2001:db8::1']],
  ])('of %s comes back as it was packed', (_, entityKeys) => {
    const packed = packApplied({ entityKeys, record });
    expect(unpackApplied(packed)).toEqual({ entityKeys, record });
  });

  it('takes the record and, for each key, its bytes and a line feed', () => {
    // "é" takes two bytes: 2 + 1 and 1 + 1.
    expect(packApplied({ entityKeys: ['é', 'a'], record })).toHaveLength(HISTORY_RECORD_BYTES + 5);
  });

  it('is not changed by what becomes of the packed bytes, which may be a piece of a larger buffer', () => {
    const larger = new Uint8Array(500).fill(7);
    const packed = packApplied({ entityKeys: ['a'], record });
    larger.set(packed, 100);
    const unpacked = unpackApplied(larger.subarray(100, 100 + packed.length));
    larger.fill(0);
    expect(unpacked).toEqual({ entityKeys: ['a'], record });
  });

  it('is refused when it is shorter than a record', () => {
    expect(() => unpackApplied(new Uint8Array(HISTORY_RECORD_BYTES - 1))).toThrow(
      `an applied event of ${HISTORY_RECORD_BYTES - 1} bytes`,
    );
  });
});
