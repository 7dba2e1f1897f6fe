import { anAlert, UNTOUCHED } from '../testing/an-alert';
import { QUEUE_ALERT_COUNT_MAX, QueueStore } from './queue-store';

const NOW_MS = 2_000_000;
const storeOf = (...alerts: ReturnType<typeof anAlert>[]): QueueStore => {
  const store = new QueueStore(() => NOW_MS);
  store.load(alerts);
  return store;
};
const numbered = (n: number, change: Partial<ReturnType<typeof anAlert>> = {}): ReturnType<typeof anAlert> =>
  anAlert({ decisionId: `dec_${n}`, position: n, ...change });

describe('a list that holds still', () => {
  it('keeps new alerts behind the bar, counted and with the critical ones named', () => {
    const store = storeOf(numbered(1));
    store.receive([numbered(2), numbered(3, { severity: 'critical' })], []);
    store.commit();
    expect(store.getView()).toMatchObject({ ids: ['dec_1'], heldCount: 2, heldCriticalCount: 1 });
  });

  it('shows nothing of a frame before it is committed', () => {
    const store = storeOf(numbered(1));
    store.receive([numbered(2)], []);
    expect(store.getView().heldCount).toBe(0);
  });

  it('takes what waited into its place when asked', () => {
    const store = storeOf(numbered(1, { amountBaseMinor: 500 }));
    store.receive([numbered(2, { amountBaseMinor: 900 })], []);
    store.takeHeld();
    expect(store.getView()).toMatchObject({ ids: ['dec_2', 'dec_1'], heldCount: 0 });
  });

  it('keeps the same list object while no row moves, so that nothing is drawn again', () => {
    const store = storeOf(numbered(1));
    const before = store.getView().ids;
    store.receive([numbered(2)], []);
    store.commit();
    expect(store.getView().ids).toBe(before);
  });

  it('follows when told to, and holds again when told to', () => {
    const store = storeOf(numbered(1));
    store.setFollow(true);
    store.receive([numbered(2)], []);
    store.commit();
    expect(store.getView().ids).toHaveLength(2);
    store.setFollow(false);
    store.receive([numbered(3)], []);
    store.commit();
    expect(store.getView()).toMatchObject({ heldCount: 1, totalCount: 2 });
  });
});

describe('an alert that arrives twice', () => {
  it('is one alert', () => {
    const store = storeOf(numbered(1));
    store.receive([numbered(1), numbered(2), numbered(2)], []);
    store.takeHeld();
    expect(store.getView().ids).toHaveLength(2);
  });

  it('brings its newer case along', () => {
    const store = storeOf(numbered(1));
    store.receive([numbered(1, { case: { ...UNTOUCHED, version: 1, claimedBy: 'Kim L' } })], []);
    expect(store.alert('dec_1')?.case.claimedBy).toBe('Kim L');
  });
});

describe('an alert that is opened by its address', () => {
  it('can be looked up at once, takes no row, and waits for its row when it arrives', () => {
    const store = storeOf(numbered(1));
    store.know(numbered(2));
    expect(store.alert('dec_2')).toBeDefined();
    store.commit();
    expect(store.getView().ids).toEqual(['dec_1']);
    store.receive([numbered(2)], []);
    store.commit();
    expect(store.getView().ids).toEqual(['dec_1']);
    store.takeHeld();
    expect([...store.getView().ids].sort()).toEqual(['dec_1', 'dec_2']);
  });

  it('does not wait twice when it arrives twice', () => {
    const store = storeOf();
    store.know(numbered(2));
    store.receive([numbered(2)], []);
    store.receive([numbered(2)], []);
    store.takeHeld();
    expect(store.getView().ids).toEqual(['dec_2']);
  });
});

describe('a case that changes', () => {
  it('changes its row in place', () => {
    const store = storeOf(numbered(1), numbered(2));
    const ids = store.getView().ids;
    store.receive(
      [],
      [
        {
          position: 9,
          decisionId: 'dec_1',
          case: { ...UNTOUCHED, version: 1, status: 'deciding', outcome: 'block' },
        },
      ],
    );
    store.commit();
    expect(store.getView().ids).toBe(ids);
    expect(store.alert('dec_1')?.case.outcome).toBe('block');
  });

  it('is not set back by an echo of an older version', () => {
    const store = storeOf(numbered(1, { case: { ...UNTOUCHED, version: 3, claimedBy: 'Kim L' } }));
    store.patchCase('dec_1', { ...UNTOUCHED, version: 2 });
    expect(store.alert('dec_1')?.case.claimedBy).toBe('Kim L');
  });

  it('stays on the list when it is closed, and leaves with the next refresh', () => {
    const store = storeOf(numbered(1), numbered(2));
    store.patchCase('dec_1', { ...UNTOUCHED, version: 2, status: 'closed', outcome: 'block' });
    store.commit();
    expect(store.getView()).toMatchObject({ totalCount: 2, decidedCount: 1 });
    store.takeHeld();
    expect(store.getView()).toMatchObject({ ids: ['dec_2'], decidedCount: 0 });
  });

  it('takes a waiting alert out of the count when it is closed elsewhere', () => {
    const store = storeOf();
    store.receive(
      [numbered(1)],
      [{ position: 2, decisionId: 'dec_1', case: { ...UNTOUCHED, version: 2, status: 'closed' } }],
    );
    store.commit();
    expect(store.getView().heldCount).toBe(0);
  });
});

describe('a filter', () => {
  it('narrows the list and what waits, and says of how many', () => {
    const store = storeOf(numbered(1, { currency: 'EUR' }), numbered(2, { currency: 'SEK' }));
    store.receive([numbered(3, { currency: 'SEK' }), numbered(4)], []);
    store.setMatches((alert) => alert.currency === 'SEK');
    expect(store.getView()).toMatchObject({ ids: ['dec_2'], totalCount: 2, heldCount: 1 });
  });
});

describe('a flood of more alerts than are kept', () => {
  const flood = Array.from({ length: QUEUE_ALERT_COUNT_MAX + 501 }, (_, index) =>
    numbered(index, { amountBaseMinor: index }),
  );

  it('lets the least urgent go and counts them: waiting + let go = received', () => {
    const store = storeOf();
    store.receive(flood, []);
    store.commit();
    // 5 501 received, 5 000 kept.
    expect(store.getView()).toMatchObject({ heldCount: QUEUE_ALERT_COUNT_MAX, letGoCount: 501 });
    expect(store.alert('dec_0')).toBeUndefined();
    expect(store.alert('dec_5500')).toBeDefined();
  });

  it('never grows the list beyond the limit', () => {
    const store = storeOf(...flood.slice(0, QUEUE_ALERT_COUNT_MAX));
    store.receive([numbered(9_999, { amountBaseMinor: 9_999 })], []);
    store.takeHeld();
    expect(store.getView().totalCount).toBe(QUEUE_ALERT_COUNT_MAX);
    expect(store.getView().ids[0]).toBe('dec_9999');
  });
});
