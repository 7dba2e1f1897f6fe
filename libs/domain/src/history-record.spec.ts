import fc from 'fast-check';
import { HISTORY_RECORD_BYTES, HISTORY_SEQ_OFFSET, readHistorySeq, writeHistorySeq } from './history-record';

describe('the sequence number of a record', () => {
  it('is read as it was written, and nothing beside it is touched', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 48 - 1 }), (seq) => {
        const record = new Uint8Array(HISTORY_RECORD_BYTES).fill(0xee);
        writeHistorySeq(record, seq);
        expect(readHistorySeq(record)).toBe(seq);
        expect(
          record.filter(
            (byte, i) => byte !== 0xee && (i < HISTORY_SEQ_OFFSET || i >= HISTORY_SEQ_OFFSET + 6),
          ),
        ).toHaveLength(0);
      }),
    );
  });

  it('is little-endian', () => {
    const record = new Uint8Array(HISTORY_RECORD_BYTES);
    writeHistorySeq(record, 0x0102_0304_0506);
    expect([...record.subarray(HISTORY_SEQ_OFFSET, HISTORY_SEQ_OFFSET + 6)]).toEqual([6, 5, 4, 3, 2, 1]);
  });
});
