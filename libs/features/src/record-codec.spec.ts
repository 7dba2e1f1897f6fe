import { HISTORY_RECORD_BYTES, HISTORY_SEQ_OFFSET, readHistorySeq, writeHistorySeq } from '@veto/domain';
import { aTransaction } from '@veto/testing';
import fc from 'fast-check';
import { hash32 } from './hash32';
import {
  decodeRecord,
  encodeLabelRecord,
  encodePaymentRecord,
  HISTORY_CODEC_VERSION,
  RECORD_OFFSETS,
  type HistoryPayment,
} from './record-codec';

const seqs = fc.integer({ min: 0, max: 2 ** 48 - 1 });
/** 1970 … 2199, as the border admits. */
const times = fc.integer({ min: 0, max: Date.UTC(2200, 0, 1) - 1 });
const amounts = fc.integer({ min: 0, max: 99_999_999_999 });
const optional = <const T>(...values: T[]) => fc.constantFrom<T | undefined>(undefined, ...values);

describe('a payment in a history', () => {
  const payments = fc.record({
    occurredAtMs: times,
    amountMinor: amounts,
    channel: fc.constantFrom('ecommerce', 'pos', 'atm', 'moto', 'in_app'),
    initiator: fc.constantFrom('customer', 'merchant'),
    mcc: optional('0000', '5732', '9999'),
    country: optional('AA', 'SE', 'ZZ'),
    funding: optional('credit', 'prepaid'),
    cvv: fc.constantFrom('M', 'N', null),
    avs: fc.constantFrom('Y', 'N', 'A', null),
    status: optional('Y', 'N'),
    device: optional('dfp_1', 'dfp_2'),
  });

  it('comes back as it went in', () => {
    fc.assert(
      fc.property(payments, seqs, (of, seq) => {
        const record = encodePaymentRecord(
          aTransaction({
            occurredAtMs: of.occurredAtMs,
            amountMinor: of.amountMinor,
            payload: {
              transaction: { channel: of.channel, initiator: of.initiator, mcc: of.mcc },
              merchant: { country: of.country },
              card: { funding: of.funding },
              checks: { cvv_result: of.cvv, avs_result: of.avs },
              three_ds: { trans_status: of.status },
              device: { fingerprint: of.device },
              ip: { address: '192.0.2.1', country: of.country },
            },
          }),
        );
        writeHistorySeq(record, seq);
        expect(decodeRecord(record)).toEqual({
          kind: 'payment',
          seq,
          occurredAtMs: of.occurredAtMs,
          amountBaseMinor: of.amountMinor,
          country: of.country ?? null,
          mcc: of.mcc ?? null,
          isCardNotPresent: of.channel !== 'pos' && of.channel !== 'atm',
          isMerchantInitiated: of.initiator === 'merchant',
          isCvvMismatch: of.cvv === 'N',
          isAvsMismatch: of.avs === 'N',
          isThreeDsAuthenticated: of.status === 'Y',
          isPrepaid: of.funding === 'prepaid',
          hashes: {
            card: hash32('cfp_1'),
            customer: hash32('cus_1'),
            device: of.device === undefined ? 0 : hash32(of.device),
            ip: hash32('192.0.2.1'),
            email: hash32('anna@example.org'),
            merchant: hash32('mer_nordsport'),
            bin: hash32('45717360'),
          },
        } satisfies HistoryPayment);
      }),
    );
  });

  it('happened where its terminal stands, or else where its IP address is', () => {
    const countryOf = (channel: 'pos' | 'ecommerce') =>
      decodeRecord(
        encodePaymentRecord(
          aTransaction({
            payload: {
              transaction: { channel },
              merchant: { country: 'NO' },
              ip: { address: '192.0.2.1', country: 'DK' },
            },
          }),
        ),
      );
    expect([countryOf('pos'), countryOf('ecommerce')]).toMatchObject([{ country: 'NO' }, { country: 'DK' }]);
  });

  it('is kept in cents of the base currency', () => {
    // 18 400 yen at 184 a euro are 100 euros.
    const record = encodePaymentRecord(aTransaction({ amountMinor: 18_400, currency: 'JPY' }));
    expect(decodeRecord(record).amountBaseMinor).toBe(100_00);
  });
});

describe('a label in a history', () => {
  it('comes back as it went in', () => {
    const labels = fc.record({
      transactionId: fc.string({ minLength: 1, maxLength: 128 }),
      occurredAtMs: times,
      reportedAtMs: times,
      amountBaseMinor: amounts,
      verdict: fc.constantFrom('fraud', 'legit'),
    });
    fc.assert(
      fc.property(labels, seqs, ({ transactionId, ...label }, seq) => {
        const record = encodeLabelRecord({ transactionId, ...label });
        writeHistorySeq(record, seq);
        expect(decodeRecord(record)).toEqual({
          kind: 'label',
          seq,
          ...label,
          transactionHash: hash32(transactionId),
        });
      }),
    );
  });
});

describe('a record', () => {
  it('has the documented width, begins with its version, and leaves seq to the store', () => {
    const record = encodePaymentRecord(aTransaction());
    expect(record).toHaveLength(HISTORY_RECORD_BYTES);
    expect(record[RECORD_OFFSETS.version]).toBe(HISTORY_CODEC_VERSION);
    expect([...record.subarray(HISTORY_SEQ_OFFSET, HISTORY_SEQ_OFFSET + 6)]).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it('is read at any offset of a history', () => {
    const bytes = new Uint8Array(3 * HISTORY_RECORD_BYTES + 1);
    [11, 12, 13].forEach((seq, i) => {
      const record = encodePaymentRecord(aTransaction());
      writeHistorySeq(record, seq);
      bytes.set(record, 1 + i * HISTORY_RECORD_BYTES);
    });
    const history = bytes.subarray(1);
    expect([0, 60, 120].map((offset) => decodeRecord(history, offset).seq)).toEqual([11, 12, 13]);
    expect(readHistorySeq(history, 60)).toBe(12);
  });

  it('of another version is refused, with what to do', () => {
    const record = encodePaymentRecord(aTransaction());
    record[0] = 2;
    expect(() => decodeRecord(record)).toThrow(
      'history record of codec version 2: this program reads version 1; rebuild the histories from the log',
    );
  });

  it('of no known kind is refused', () => {
    const record = encodePaymentRecord(aTransaction());
    record[1] = 7;
    expect(() => decodeRecord(record)).toThrow('history record of kind 7 is neither payment nor label');
  });

  it('has the same bytes for ever', () => {
    // Worked out by hand: version 1, kind 1, flags 2 (card not present), seq 0; 2026-06-15T12:00Z = 0x019ecb272200 ms, twice;
    // MCC 5661 + 1 = 0x161e; 4990 cents = 0x137e; SE = 19 · 32 + 5 = 0x0265.
    const head = Buffer.from(encodePaymentRecord(aTransaction())).subarray(0, 32).toString('hex');
    expect(head).toBe(
      `01010200${'00'.repeat(6)}${'TIME'.repeat(2)}1e167e13000000006502`.replaceAll('TIME', '002227cb9e01'),
    );
  });
});

/** murmur3's finaliser in big integers, the obvious way. */
function fmix32(hash: number): number {
  const mask = 0xffff_ffffn;
  let h = BigInt(hash);
  h = ((h ^ (h >> 16n)) * 0x85eb_ca6bn) & mask;
  h = ((h ^ (h >> 13n)) * 0xc2b2_ae35n) & mask;
  return Number(h ^ (h >> 16n));
}

describe('the hash of a value', () => {
  it('is the published FNV-1a and murmur3 finaliser, never 0', () => {
    // FNV-1a of "a" is 0xe40c292c and of "foobar" 0xbf9cf968, as published; their finalised forms follow from fmix32.
    expect(hash32('a')).toBe(fmix32(0xe40c292c));
    expect(hash32('foobar')).toBe(fmix32(0xbf9cf968));
    fc.assert(fc.property(fc.string(), (text) => hash32(text) >= 1 && hash32(text) <= 0xffff_ffff));
  });

  it('spreads 100 000 tokens as chance would', () => {
    const hashes = new Set(Array.from({ length: 100_000 }, (_, i) => hash32(`cfp_${i}`)));
    // Expected collisions: n² / 2³³ = 1.16; ten or more happen by chance once in ten million.
    expect(100_000 - hashes.size).toBeLessThan(10);
    const lowBits = new Uint32Array(1024);
    for (const hash of hashes) lowBits[hash & 1023]!++;
    // 97.7 in each of 1024 slots, standard deviation 9.9: six of them either way.
    expect(Math.max(...lowBits)).toBeLessThan(158);
    expect(Math.min(...lowBits)).toBeGreaterThan(38);
  });
});
