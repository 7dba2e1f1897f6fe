import fc from 'fast-check';
import { HISTORY_RECORD_BYTES, packApplied, unpackApplied } from '@veto/domain';
import { aLine, anArrival } from './a-line.spec-support';
import {
  encodeApplied,
  encodeDecisionRecord,
  encodeReceived,
  encodeRecord,
  parseDecidedHead,
  parseDecidedTransaction,
  parseDecisionRecord,
  parseReceived,
} from './record-codec';
import { scoreTransactions } from './score-transaction';

const decoder = new TextDecoder();

describe('a decision record', () => {
  it('has the text that JSON.stringify gives it, when the payment is in that order', async () => {
    const [scored] = await scoreTransactions(await aLine(), [
      anArrival('t_1', { customer: { id: 'c"1\n' } }),
    ]);
    if (scored?.status !== 'decided') throw new Error('not decided');
    const { record, body } = scored;
    const bytes = encodeDecisionRecord(record, { transaction: JSON.stringify(record.transaction), body });
    expect(decoder.decode(bytes)).toBe(JSON.stringify(record));
    expect(parseDecisionRecord(bytes)).toEqual(record);
  });

  it('gives its payment alone, whatever the payment says', async () => {
    const metadata = { features: ',"features":[1]', note: ',"transaction":{}' };
    const [scored] = await scoreTransactions(await aLine(), [anArrival('t_1', { metadata })]);
    if (scored?.status !== 'decided') throw new Error('not decided');
    const { transaction, received_at_ms } = parseDecidedTransaction(encodeRecord(scored.record));
    expect(transaction).toEqual(scored.record.transaction);
    expect(received_at_ms).toBe(scored.record.received_at_ms);
  });

  it.each(['demo', 'ten "1"', 'tenant,\"transaction\":'])('gives its tenant alone: %s', async (tenantId) => {
    const [scored] = await scoreTransactions(await aLine(), [anArrival('t_1')]);
    if (scored?.status !== 'decided') throw new Error('not decided');
    expect(parseDecidedHead(encodeRecord({ ...scored.record, tenant_id: tenantId }))).toMatchObject({
      tenant_id: tenantId,
      fingerprint: scored.record.fingerprint,
    });
  });

  it('of a revision gives no tenant, and of anything else is our own mistake', () => {
    expect(parseDecidedHead(encodeRecord({ schema: 'decision-revision.v1' }))).toBeNull();
    expect(() => parseDecidedHead(encodeRecord({ schema: 'label.v1' }))).toThrow(/unknown schema/);
  });

  it('of a revision gives no payment', () => {
    const revision = encodeRecord({ schema: 'decision-revision.v1', decision: {} });
    expect(() => parseDecidedTransaction(revision)).toThrow(/expected an automatic decision/);
  });

  it.each([
    ['of a schema that nobody wrote', { schema: 'decision.v9' }],
    ['without a schema', {}],
  ])('%s is our own mistake', (_, value) => {
    expect(() => parseDecisionRecord(encodeRecord(value))).toThrow(/unknown schema/);
  });
});

describe('a received payment', () => {
  it('reads back as what was written, around its canonical text', () => {
    const { payload } = anArrival('t_1');
    const received = {
      schema: 'transaction-received.v1',
      tenant_id: 'ten "1"',
      fingerprint: 'sha256:00',
      received_at_ms: 5,
    } as const;
    expect(parseReceived(encodeReceived(received, JSON.stringify(payload)))).toEqual({
      ...received,
      transaction: payload,
    });
  });

  it('of another schema is our own mistake', () => {
    expect(() => parseReceived(encodeRecord({ schema: 'label.v1' }))).toThrow(/unknown schema label.v1/);
  });
});

describe('what a payment does to histories', () => {
  it('is written as the domain writes it, whatever the keys', () => {
    const keys = fc.array(
      fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\n', '')),
      {
        minLength: 1,
        maxLength: 8,
      },
    );
    const record = fc.uint8Array({ minLength: HISTORY_RECORD_BYTES, maxLength: HISTORY_RECORD_BYTES });
    fc.assert(
      fc.property(keys, record, (entityKeys, bytes) => {
        const encoded = encodeApplied(
          entityKeys.map((key) => ({ key })),
          bytes,
        );
        expect(Buffer.from(encoded).equals(packApplied({ entityKeys, record: bytes }))).toBe(true);
        expect(unpackApplied(encoded).entityKeys).toEqual(entityKeys);
      }),
      { numRuns: 300, seed: 5 },
    );
  });

  it('is written for keys that no block has room for', () => {
    const entityKeys = ['k'.repeat(20_000), 'é'];
    const record = new Uint8Array(HISTORY_RECORD_BYTES).fill(7);
    const encoded = encodeApplied(
      entityKeys.map((key) => ({ key })),
      record,
    );
    expect(Buffer.from(encoded).equals(packApplied({ entityKeys, record }))).toBe(true);
  });
});
