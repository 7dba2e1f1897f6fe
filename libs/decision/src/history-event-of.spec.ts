import { readHistorySeq, TOPICS, type StoredLogRecord } from '@veto/domain';
import { createMemoryLog } from '@veto/log';
import { openEmbeddedStore } from '@veto/store';
import { aClock, aLabel, DULL_NOW_MS, DULL_TENANT_ID } from '@veto/testing';
import { aLine, anArrival } from './a-line.spec-support';
import { historyEventOf } from './history-event-of';
import { recordLabel } from './record-label';
import { encodeRecord } from './record-codec';
import { scoreTransactions } from './score-transaction';

async function aLog(): Promise<{
  readonly records: readonly StoredLogRecord[];
  readonly digest: string;
  readonly log: ReturnType<typeof createMemoryLog>;
}> {
  const log = createMemoryLog({ clock: aClock() });
  const line = await aLine({ log });
  await scoreTransactions(line, [
    anArrival('ord_1'),
    anArrival('ord_2', { customer: { id: 'cus_e\u0301' } }),
  ]);
  await recordLabel(line, { tenantId: DULL_TENANT_ID, label: aLabel(), receivedAtMs: DULL_NOW_MS });
  await scoreTransactions(line, [anArrival('ord_3')]);
  const { records } = await log.read({ after: -1, recordCountMax: 100 });
  return { records, digest: await line.store.digest(), log };
}

describe('the log', () => {
  it('holds all that state is made of: a store rebuilt from it has the same digest', async () => {
    const { log, digest } = await aLog();
    const rebuilt = await openEmbeddedStore({ directory: null, log, clock: aClock(), historyEventOf });
    expect(await rebuilt.digest()).toBe(digest);
  });

  it('says of each record what it did', async () => {
    const { records } = await aLog();
    const events = records.map(historyEventOf);
    expect(events.map((event) => event?.type)).toEqual([
      'begun',
      'begun',
      'decided',
      'decided',
      'label',
      'begun',
      'decided',
    ]);
    expect(events[4]).toMatchObject({
      labelKey: `${DULL_TENANT_ID}|ord_1|chargeback|fraud|${DULL_NOW_MS + 30 * 24 * 3_600_000}`,
    });
    const seqs = events.flatMap((event) =>
      event?.type === 'begun' || event?.type === 'label' ? [readHistorySeq(event.record)] : [],
    );
    expect(seqs).toEqual([1, 2, 3, 4]);
  });

  it.each([
    ['a revision', TOPICS.decisions, { schema: 'decision-revision.v1' }],
    ['a case event', TOPICS.caseEvents, { type: 'case_undone' }],
    ['a list event', TOPICS.lists, { type: 'list_entry_removed' }],
  ])('does nothing to histories by %s', (_, topic, value) => {
    expect(
      historyEventOf({ topic, key: 'k', value: encodeRecord(value), position: 0, appendedAtMs: 0 }),
    ).toBeNull();
  });
});
