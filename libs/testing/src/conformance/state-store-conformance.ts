import { decisionBytes } from '../builders/a-begin-request';
import { describeGuarantees, type Guarantee } from './guarantee';
import { claimGuarantees } from './state-store-claims';
import { historyGuarantees } from './state-store-histories';
import { beginNew, idOf } from './state-store-steps';
import type { StateStoreUnderTest } from './state-store-under-test';

export type { DecisionPlace, StateStoreUnderTest } from './state-store-under-test';

export const stateStoreGuarantees: readonly Guarantee<StateStoreUnderTest>[] = [
  ...claimGuarantees,
  ...historyGuarantees,
];

/** One test for each guarantee of `StateStore`, on a fresh store each. */
export function stateStoreConformance(name: string, factory: () => Promise<StateStoreUnderTest>): void {
  describeGuarantees(name, stateStoreGuarantees, factory);

  describe(name, () => {
    it('wakes whoever waits for an id when it is committed, and others after their time', async () => {
      const underTest = await factory();
      const { store } = underTest;
      try {
        const id = idOf('ord_1');
        const bytes = decisionBytes(id);
        expect(await store.waitFor(id, 10)).toBeNull();
        await beginNew(store, {});
        expect(await store.waitFor(id, 10)).toBeNull();
        const waiting = Promise.all([store.waitFor(id, 10_000), store.waitFor(id, 10_000)]);
        await store.commit([{ ...id, bytes }]);
        expect(await waiting).toEqual([bytes, bytes]);
        expect(await store.waitFor(id, 10)).toEqual(bytes);
      } finally {
        await underTest.dispose();
      }
    });
  });
}
