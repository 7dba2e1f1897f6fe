import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { canonicalJson } from '@veto/domain';
import { aTransactionPayload } from '@veto/testing';
import { fingerprintOf } from './fingerprint';

describe('the fingerprint of a payment', () => {
  const payload = aTransactionPayload();

  it('is the SHA-256 of its canonical text', () => {
    const hex = createHash('sha256').update(canonicalJson(payload)).digest('hex');
    expect(fingerprintOf(payload)).toBe(`sha256:${hex}`);
  });

  it('does not depend on the order of keys', () => {
    const reversed = Object.fromEntries(Object.entries(payload).toReversed()) as typeof payload;
    expect(fingerprintOf(reversed)).toBe(fingerprintOf(payload));
  });

  it('does depend on every value', () => {
    const dearer = aTransactionPayload({ transaction: { amount: payload.transaction.amount + 1 } });
    expect(fingerprintOf(dearer)).not.toBe(fingerprintOf(payload));
  });
});

describe('the canonical text', () => {
  /** Slow and obvious: what the text means, with sorted keys and every text in NFC. */
  const normal = (value: unknown): unknown => {
    if (typeof value === 'string') return value.normalize('NFC');
    if (Array.isArray(value)) return value.map(normal);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.keys(value)
        .sort()
        .map((key) => [key.normalize('NFC'), normal((value as Record<string, unknown>)[key])]),
    );
  };

  it('is JSON that means the same, for every value that JSON can hold', () => {
    const text = fc.oneof(fc.string(), fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' }));
    const anything = fc
      .jsonValue({ noUnicodeString: false })
      .chain((value) => text.map((extra) => ({ value, extra, [extra]: 1 })));
    fc.assert(
      fc.property(anything, (value) => {
        fc.pre(!JSON.stringify(value).includes('__proto__'));
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(normal(value))));
      }),
      { numRuns: 1_000 },
    );
  });
});
