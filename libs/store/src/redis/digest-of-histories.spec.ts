import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { digestOfHistories } from './digest-of-histories';

/** As the port says it, and nothing else. */
function plainDigest(histories: readonly (readonly [string, Uint8Array])[]): string {
  const hash = createHash('sha256');
  for (const [key, bytes] of [...histories].sort(([a], [b]) => (a < b ? -1 : 1)))
    if (bytes.length > 0) hash.update(`${key}\n`).update(bytes);
  return hash.digest('hex');
}

describe('the digest of histories', () => {
  it('is that of the plain sentence, in whatever order they come and whatever their keys are', () => {
    const histories = fc.uniqueArray(
      fc.tuple(fc.string({ unit: 'grapheme' }), fc.uint8Array({ maxLength: 300 })),
      {
        selector: ([key]) => key,
      },
    );
    fc.assert(
      fc.property(histories, (some) => {
        expect(digestOfHistories(some)).toBe(plainDigest(some));
      }),
    );
  });

  it('is the same over several blocks, and with a history that is larger than one', () => {
    const some = Array.from(
      { length: 300 },
      (_, i) => [`ten|card:${i}`, new Uint8Array(15_360).fill(i)] as const,
    );
    const large = [['ten|merchant:1', new Uint8Array(3 << 20).fill(7)] as const, ...some];
    expect(digestOfHistories(large)).toBe(plainDigest(large));
    expect(digestOfHistories([])).toBe(plainDigest([]));
  });
});
