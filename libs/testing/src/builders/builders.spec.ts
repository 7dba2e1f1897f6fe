import {
  HISTORY_RECORD_BYTES,
  parseLabel,
  parseTransactionPayload,
  readHistorySeq,
  readHistoryTimeMs,
} from '@veto/domain';
import {
  aBeginRequest,
  aHistoryRecord,
  anAppendLabelRequest,
  decisionBytes,
  dullHistoryEventOf,
} from './a-begin-request';
import { aClock, DULL_NOW_MS } from './a-clock';
import { aLabel } from './a-label';
import { aListEntry, aRule } from './a-rule';
import { aTransaction, aTransactionPayload } from './a-transaction';

describe('the dull payment', () => {
  it('is one that the door lets in', () => {
    expect(parseTransactionPayload(aTransactionPayload())).toEqual({
      ok: true,
      value: aTransactionPayload(),
    });
  });

  it('is what it was, but for what is overridden', () => {
    const payload = aTransactionPayload({
      card: { last4: '1111' },
      ip: null,
      device: { fingerprint: undefined },
    });
    expect(payload.card).toEqual({ ...aTransactionPayload().card, last4: '1111' });
    expect(payload.ip).toBeUndefined();
    expect(payload.device).not.toHaveProperty('fingerprint');
    expect(payload.merchant).toEqual(aTransactionPayload().merchant);
  });

  it('is refused when an override makes it invalid', () => {
    expect(() => aTransactionPayload({ transaction: { amount: -1 } })).toThrow();
  });

  it('takes the short names and the payload of one transaction together', () => {
    const transaction = aTransaction({
      id: 'ord_2',
      amountMinor: 12_00,
      currency: 'SEK',
      payload: { transaction: { mcc: '5999' } },
    });
    // 12.00 SEK at 10.8 to the euro is 1.11 euro.
    expect(transaction).toMatchObject({
      id: 'ord_2',
      amountMinor: 12_00,
      currency: 'SEK',
      amountBaseMinor: 111,
    });
    expect(transaction.payload.transaction.mcc).toBe('5999');
    expect(transaction.occurredAtMs).toBe(DULL_NOW_MS);
    expect(transaction.clockSkewed).toBe(false);
  });
});

describe('the other builders', () => {
  it('make a label, a rule and a list entry that their schemas take', () => {
    expect(parseLabel(aLabel()).ok).toBe(true);
    expect(aRule({ effect: 'block' }).effect).toBe('block');
    expect(aListEntry({ kind: 'device' }).kind).toBe('device');
  });

  it('make history records with their time, and their seq left open', () => {
    const record = aHistoryRecord({ mark: 7, timeMs: DULL_NOW_MS + 5 });
    expect(record).toHaveLength(HISTORY_RECORD_BYTES);
    expect(readHistorySeq(record)).toBe(0);
    expect(readHistoryTimeMs(record)).toBe(DULL_NOW_MS + 5);
    expect(record[HISTORY_RECORD_BYTES - 1]).toBe(7);
  });

  it('make payloads from which the same event is read again', () => {
    const { payload: value, ...begun } = aBeginRequest({ transactionId: 'ord_9', timeMs: 5 });
    expect(dullHistoryEventOf({ value })).toEqual({ type: 'begun', ...begun });
    const { payload, ...label } = anAppendLabelRequest();
    expect(dullHistoryEventOf({ value: payload })).toEqual({ type: 'label', ...label });
    const bytes = decisionBytes({ transactionId: 'ord_9' });
    expect(dullHistoryEventOf({ value: bytes })).toEqual({
      type: 'decided',
      tenantId: 'ten_test',
      transactionId: 'ord_9',
      bytes,
    });
  });

  it('make a clock that moves only when it is told', () => {
    const clock = aClock(1_000);
    clock.advance(50);
    expect(clock.nowMs()).toBe(1_050);
    clock.set(7);
    expect(clock.nowMs()).toBe(7);
  });
});
