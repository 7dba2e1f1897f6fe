import fc from 'fast-check';
import { decisionIdOf } from './decision-id';

const of = { tenantId: 'ten_test', transactionId: 'ord_1', receivedAtMs: Date.UTC(2026, 5, 15, 12) };

describe('the id of a decision', () => {
  it('is dec_ and 26 characters of Crockford base 32', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.nat(2 ** 31), (tenantId, transactionId, receivedAtMs) => {
        expect(decisionIdOf({ tenantId, transactionId, receivedAtMs })).toMatch(
          /^dec_[0-9A-HJKMNP-TV-Z]{26}$/,
        );
      }),
    );
  });

  it('begins with the time, so that ids sort by it', () => {
    // 32^10 ms is beyond the year 37 000; the last character counts single milliseconds.
    expect(decisionIdOf({ ...of, receivedAtMs: 0 }).slice(4, 14)).toBe('0000000000');
    expect(decisionIdOf({ ...of, receivedAtMs: 33 }).slice(4, 14)).toBe('0000000011');
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (one, other) => {
        fc.pre(one !== other);
        const ids = [one, other].map((receivedAtMs) => decisionIdOf({ ...of, receivedAtMs }));
        expect(ids[0]! < ids[1]!).toBe(one < other);
      }),
    );
  });

  it('ends with a hash of tenant and transaction, the first 80 bits of SHA-256', () => {
    // By another program: base 32 of 1781524800000, and of the first ten bytes of sha256('ten_test|ord_1').
    expect(decisionIdOf(of)).toBe('dec_01KV5JE8G03HVYPACF48FF76E0');
    expect(decisionIdOf({ ...of, tenantId: 'ten_other' })).not.toBe(decisionIdOf(of));
    expect(decisionIdOf({ ...of, transactionId: 'ord_2' })).not.toBe(decisionIdOf(of));
  });
});
