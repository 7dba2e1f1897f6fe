import { featureSet } from '@veto/features';
import { aLabel, DULL_NOW_MS, DULL_TENANT_ID } from '@veto/testing';
import { aLine, anArrival, ANOTHER_TENANT } from './a-line.spec-support';
import type { Scored } from './line';
import { recordLabel } from './record-label';
import { scoreTransactions } from './score-transaction';

const DAY_MS = 24 * 3_600_000;
const frauds = featureSet.definitions.findIndex(({ name }) => name === 'card_fraud_count_30d');

const fraudCountOf = (scored: Scored | undefined): number | null | undefined =>
  scored?.status === 'decided' ? scored.record.features[frauds] : undefined;

const isoAt = (ms: number): string => new Date(ms).toISOString();

describe('a label', () => {
  it('is seen by payments after it was reported, and not by one before', async () => {
    const line = await aLine();
    await scoreTransactions(line, [anArrival('ord_1')]);
    const label = aLabel({ reported_at: isoAt(DULL_NOW_MS + DAY_MS) });
    const recorded = await recordLabel(line, { tenantId: DULL_TENANT_ID, label, receivedAtMs: DULL_NOW_MS });
    expect(recorded).toEqual({ status: 'recorded', seq: 2 });
    const payment = (id: string, atMs: number): ReturnType<typeof anArrival> =>
      anArrival(id, { transaction: { occurred_at: isoAt(atMs) } }, { receivedAtMs: atMs });
    const [before, after] = await scoreTransactions(line, [
      payment('ord_2', DULL_NOW_MS + DAY_MS - 1),
      payment('ord_3', DULL_NOW_MS + DAY_MS + 1),
    ]);
    expect([fraudCountOf(before), fraudCountOf(after)]).toEqual([0, 1]);
    expect(after).toMatchObject({
      record: { decision: { outcome: 'review', decided_by: { id: 'rl_device_prior_fraud' } } },
    });
  });

  it('delivered twice counts once, and says with which seq', async () => {
    const line = await aLine();
    await scoreTransactions(line, [anArrival('ord_1')]);
    const delivery = { tenantId: DULL_TENANT_ID, label: aLabel(), receivedAtMs: DULL_NOW_MS };
    const first = await recordLabel(line, delivery);
    const second = await recordLabel(line, { ...delivery, label: aLabel({ reason_code: '4837' }) });
    expect([first, second]).toEqual([
      { status: 'recorded', seq: 2 },
      { status: 'duplicate', seq: 2 },
    ]);
  });

  it('of another source or verdict is another label', async () => {
    const line = await aLine();
    await scoreTransactions(line, [anArrival('ord_1')]);
    const labels = [aLabel(), aLabel({ source: 'tc40' }), aLabel({ label: 'legit' })];
    const statuses: string[] = [];
    for (const label of labels) {
      statuses.push(
        (await recordLabel(line, { tenantId: DULL_TENANT_ID, label, receivedAtMs: DULL_NOW_MS })).status,
      );
    }
    expect(statuses).toEqual(['recorded', 'recorded', 'recorded']);
  });

  it.each([
    ['of a payment that was never decided', DULL_TENANT_ID, 'ord_unknown'],
    ["of another tenant's payment", ANOTHER_TENANT, 'ord_1'],
  ])('%s finds nothing', async (_, tenantId, transactionId) => {
    const line = await aLine();
    await scoreTransactions(line, [anArrival('ord_1')]);
    const label = aLabel({ transaction_id: transactionId });
    expect(await recordLabel(line, { tenantId, label, receivedAtMs: DULL_NOW_MS })).toEqual({
      status: 'not_found',
    });
  });
});
