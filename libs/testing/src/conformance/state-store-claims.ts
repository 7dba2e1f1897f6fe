import { aBeginRequest, anAppendLabelRequest, decisionBytes } from '../builders/a-begin-request';
import type { Guarantee } from './guarantee';
import { beginAgain, beginNew, CARD, DEVICE, idOf, plain, seqsOf } from './state-store-steps';
import { placeOf, type StateStoreUnderTest } from './state-store-under-test';

/** What a state store promises about ids: who decides, what stands, and what a crash leaves. */
export const claimGuarantees: readonly Guarantee<StateStoreUnderTest>[] = [
  {
    id: 'SS1',
    title: 'lets one of twenty simultaneous begins of an id begin, and tells the others',
    check: async ({ store }) => {
      const alone = Array.from({ length: 10 }, () => store.begin([aBeginRequest()]));
      const inOneBatch = store.begin(Array.from({ length: 10 }, () => aBeginRequest()));
      const results = [...(await Promise.all(alone)).flat(), ...(await inOneBatch)];
      const statuses = results.map(({ status }) => status).sort();
      expect(statuses).toEqual(['begun', ...Array.from({ length: 19 }, () => 'in_flight')]);
      // The same id of another tenant is another id.
      expect((await beginAgain(store, { tenantId: 'ten_other' })).status).toBe('begun');
    },
  },
  {
    id: 'SS5',
    title: 'lets the first commit win for ever, and gives every later one its bytes',
    check: async ({ store, logDecision }) => {
      const id = idOf('ord_1');
      await beginNew(store, {});
      const words = ['approve', 'review', 'block'];
      const results = await Promise.all(
        words.map((word) => store.commit([{ ...id, bytes: decisionBytes(id, word) }])),
      );
      const winner = decisionBytes(id, 'approve');
      expect(results.flat()).toEqual([true, false, false].map((won) => ({ won, bytes: winner })));
      await logDecision(id, winner);
      expect(await store.commit([{ ...id, bytes: decisionBytes(id, 'late') }])).toEqual([
        { won: false, bytes: winner },
      ]);
    },
  },
  {
    id: 'SS6',
    title:
      'answers a decided id with its bytes, at once, once it is on the log, after a restart and after a crash',
    check: async ({ store, logDecision, restart, crash }) => {
      const id = idOf('ord_1');
      const bytes = decisionBytes(id);
      await beginNew(store, {});
      await store.commit([{ ...id, bytes }]);
      expect(await beginAgain(store, {})).toEqual({ status: 'decided', bytes, isLogged: false });
      expect(await store.find(id)).toEqual(bytes);
      await logDecision(id, bytes);
      const survivors = [store, await crash(), await restart()];
      for (const survivor of survivors.slice(1)) {
        const again = await beginAgain(survivor, {});
        expect(again).toMatchObject({ status: 'decided', bytes });
        expect(again).not.toMatchObject({ isLogged: false });
        expect(await survivor.find(id)).toEqual(bytes);
        expect(await survivor.find(idOf('ord_1', 'ten_other'))).toBeNull();
        expect(await survivor.waitFor(id, 1)).toEqual(bytes);
      }
    },
  },
  {
    id: 'SS7',
    title: 'refuses another body for a known id with what was first sent, and leaves no trace of it',
    check: async ({ store, logDecision, restart }) => {
      const id = idOf('ord_1');
      const bytes = decisionBytes(id);
      const first = aBeginRequest().payload;
      const other = { fingerprint: 'another', entityKeys: [CARD, DEVICE], payload: new Uint8Array([1]) };
      const { seq } = await beginNew(store, {});
      expect(await beginAgain(store, other)).toEqual({ status: 'fingerprint_mismatch', first });
      await store.commit([{ ...id, bytes }]);
      expect(await beginAgain(store, other)).toEqual({ status: 'fingerprint_mismatch', first: bytes });
      await logDecision(id, bytes);
      expect(await beginAgain(store, other)).toEqual({ status: 'fingerprint_mismatch', first: bytes });
      const restarted = await restart();
      expect(await beginAgain(restarted, other)).toEqual({ status: 'fingerprint_mismatch', first: bytes });
      const next = await beginNew(restarted, { transactionId: 'ord_2', entityKeys: [CARD, DEVICE] });
      expect(next.seq).toBe(seq + 1);
      expect(next.histories.map(seqsOf)).toEqual([[seq], []]);
    },
  },
  {
    id: 'SS9',
    title: 'lists what was begun and never committed, with its payload and what it saw, also after a restart',
    check: async ({ store, clock, restart, crash }) => {
      await beginNew(store, { transactionId: 'ord_0' });
      await store.commit([{ ...idOf('ord_0'), bytes: decisionBytes(idOf('ord_0')) }]);
      const orphan = await beginNew(store, { transactionId: 'ord_1', entityKeys: [CARD, DEVICE] });
      clock.advance(1_500);
      await beginNew(store, { transactionId: 'ord_2' });
      clock.advance(500);
      const { payload } = aBeginRequest({ transactionId: 'ord_1', entityKeys: [CARD, DEVICE] });
      const { epoch, seq, histories } = orphan;
      const expected = [{ ...idOf('ord_1'), epoch, seq, payload, histories }];
      expect(await store.pending({ ageMs: 2_000, countMax: 10 })).toEqual(expected);
      expect(await store.pending({ ageMs: 2_001, countMax: 10 })).toEqual([]);
      expect(
        (await store.pending({ ageMs: 0, countMax: 10 })).map(({ transactionId }) => transactionId),
      ).toEqual(['ord_1', 'ord_2']);
      expect(await store.pending({ ageMs: 0, countMax: 1 })).toEqual(expected);
      await store.appendLabel(anAppendLabelRequest());
      for (const survivor of [await crash(), await restart()]) {
        const [listed] = (await survivor.pending({ ageMs: 2_000, countMax: 10 })).filter(
          ({ transactionId }) => transactionId === 'ord_1',
        );
        expect(plain(listed)).toEqual(plain(expected[0]));
        expect((await beginAgain(survivor, { transactionId: 'ord_1' })).status).toBe('in_flight');
        const bytes = decisionBytes(idOf('ord_1'));
        expect(await survivor.commit([{ ...idOf('ord_1'), bytes }])).toEqual([{ won: true, bytes }]);
      }
    },
  },
  {
    id: 'SS12',
    title: 'lists what a crash left between its commit and the log, until the log has its place',
    check: async ({ store, clock, logDecision, restart, crash }) => {
      const id = idOf('ord_1');
      const bytes = decisionBytes(id);
      const request = aBeginRequest({ ...id, entityKeys: [CARD, DEVICE] });
      const begun = await beginNew(store, request);
      await store.commit([{ ...id, bytes }]);
      clock.advance(2_000);
      const query = { ageMs: 2_000, countMax: 10 };
      for (const survivor of [await crash(), await restart()]) {
        const [left] = await survivor.pending(query);
        expect(left).toMatchObject({ ...id, epoch: begun.epoch, seq: begun.seq });
        // Forgotten, so that it is decided anew, or known, so that it is kept.
        if (left?.bytes === undefined)
          expect([plain(left?.payload), plain(left?.histories)]).toEqual([
            plain(request.payload),
            plain(begun.histories),
          ]);
        else expect([plain(left.bytes), left.payload.length]).toEqual([plain(bytes), 0]);
        const again = await beginAgain(survivor, request);
        expect(again.status).toBe(left?.bytes === undefined ? 'in_flight' : 'decided');
        const [committed] = await survivor.commit([{ ...id, bytes }]);
        expect(plain(committed?.bytes)).toEqual(plain(bytes));
      }
      await logDecision(id, bytes, placeOf(request, begun));
      const revived = await restart();
      expect(await revived.pending(query)).toEqual([]);
      expect(await beginAgain(revived, request)).toMatchObject({ status: 'decided' });
    },
  },
];
