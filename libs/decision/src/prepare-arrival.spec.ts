import type { TenantId } from '@veto/domain';
import { aTransactionPayload } from '@veto/testing';
import { prepare } from './prepare-arrival';

const receipt = { tenantId: 'ten_test' as TenantId, receivedAtMs: Date.UTC(2026, 5, 15) };
const atMerchant = (name: string): Parameters<typeof prepare>[0] => ({
  ...receipt,
  payload: aTransactionPayload({ merchant: { id: 'mer_1', name } }),
});

describe('a payment that is made ready', () => {
  it('stays as it came when its texts are in NFC', () => {
    const arrival = atMerchant('Malmö Café');
    expect(prepare(arrival).transaction.payload).toBe(arrival.payload);
  });

  it('is taken with its texts composed when they are not', () => {
    const { transaction, canonical } = prepare(atMerchant('Malmo\u0308'));
    expect(transaction.payload.merchant?.name).toBe('Malm\u00f6');
    expect(canonical).toContain('"Malm\u00f6"');
  });

  it('is taken in the form that is recorded when that is all ASCII and the payment was not', () => {
    const { transaction, canonical } = prepare(atMerchant('300 \u212a'));
    expect(transaction.payload.merchant?.name).toBe('300 K');
    expect(canonical).toContain('"300 K"');
  });

  it('has nothing to compose among characters below U+0300, alone or side by side', () => {
    const changed: string[] = [];
    for (let first = 0; first < 0x300; first++) {
      for (let second = 0; second < 0x300; second++) {
        const text = String.fromCharCode(first, second);
        if (text.normalize('NFC') !== text) changed.push(text);
      }
    }
    expect(changed).toEqual([]);
  });
});
