import {
  HISTORY_RECORD_COUNT_MAX,
  packApplied,
  type BeginRequest,
  type ClaimId,
  type LogRecord,
  type StateStore,
} from '@veto/domain';
import {
  aBeginRequest,
  aHistoryRecord,
  anAppendLabelRequest,
  decisionBytes,
} from '../builders/a-begin-request';
import type { ManualClock } from '../builders/a-clock';
import { describeGuarantees, type Disposable, type Guarantee } from './guarantee';
import {
  beginAgain,
  beginNew,
  CARD,
  DEVICE,
  idOf,
  plain,
  range,
  seenOn,
  seqsOf,
  TENANT,
  type Begun,
} from './state-store-steps';

export interface StateStoreUnderTest extends Disposable {
  /** An empty store over an empty log, which reads its log by `dullHistoryEventOf`. */
  readonly store: StateStore;
  /** The store's and its log's clock. */
  readonly clock: ManualClock;
  /** Appends a committed decision to the log, as the line does; `place` is what it did to histories, and when. */
  readonly logDecision: (id: ClaimId, bytes: Uint8Array, place?: DecisionPlace) => Promise<void>;
  /** Closes the store and opens it again. */
  readonly restart: () => Promise<StateStore>;
  /** Opens what would be left if the process were killed at this moment. */
  readonly crash: () => Promise<StateStore>;
  /** Opens another store that knows nothing but the log. */
  readonly twin: () => Promise<StateStore>;
}

/** The members of a decision's log record that say what it did to histories. */
export type DecisionPlace = Required<Pick<LogRecord, 'seq' | 'epoch' | 'applied'>>;

export const stateStoreGuarantees: readonly Guarantee<StateStoreUnderTest>[] = [
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
    id: 'SS2',
    title: 'hands out sequence numbers without gap or repetition, in the order of the calls',
    check: async ({ store }) => {
      const calls = range(0, 9).map((call) =>
        store.begin(range(0, 4).map((i) => aBeginRequest({ transactionId: `ord_${call}_${i}` }))),
      );
      const seqs = (await Promise.all(calls)).flat().map((result) => (result as Begun).seq);
      const first = seqs[0] ?? Number.NaN;
      expect(seqs).toEqual(range(first, first + 49));
      // An id that is known takes none; a label takes one.
      await beginAgain(store, { transactionId: 'ord_0_0' });
      const label = store.appendLabel(anAppendLabelRequest());
      const next = beginNew(store, { transactionId: 'ord_next' });
      expect((await label).seq).toBe(first + 50);
      expect((await next).seq).toBe(first + 51);
    },
  },
  {
    id: 'SS3',
    title: 'shows a payment the latest records with a smaller seq in each of its histories, oldest first',
    check: async ({ store }) => {
      const seen: { card: number[]; device: number[] } = { card: [], device: [] };
      for (const i of range(1, 700)) {
        const onBoth = i % 3 === 0;
        const keys = onBoth ? [DEVICE, CARD] : [CARD];
        const { seq, histories } = await beginNew(store, {
          transactionId: `ord_${i}`,
          entityKeys: keys,
          record: aHistoryRecord({ mark: i % 251 }),
        });
        expect(histories).toHaveLength(keys.length);
        expect(seqsOf(histories.at(-1))).toEqual(seen.card.slice(-HISTORY_RECORD_COUNT_MAX));
        if (onBoth) expect(seqsOf(histories[0])).toEqual(seen.device.slice(-HISTORY_RECORD_COUNT_MAX));
        seen.card.push(seq);
        if (onBoth) seen.device.push(seq);
      }
      // The bytes are those that were sent, but for the seq: payment 700 has mark 700 mod 251.
      const { histories } = await beginNew(store, { transactionId: 'ord_last' });
      expect(histories[0]?.at(-1)).toBe(700 % 251);
    },
  },
  {
    id: 'SS4',
    title: 'shows fifty simultaneous payments on one card 0, 1 … 49 others',
    check: async ({ store }) => {
      const alone = range(0, 24).map((i) => store.begin([aBeginRequest({ transactionId: `ord_${i}` })]));
      const inOneBatch = store.begin(range(25, 49).map((i) => aBeginRequest({ transactionId: `ord_${i}` })));
      const results = [...(await Promise.all(alone)).flat(), ...(await inOneBatch)];
      const counts = results.map((result) => seqsOf((result as Begun).histories[0]).length);
      expect(counts.sort((a, b) => a - b)).toEqual(range(0, 49));
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
    id: 'SS8',
    title: 'keeps a label for ever, shows it to every later payment, and counts its second delivery once',
    check: async ({ store, restart, crash }) => {
      const { seq: paymentSeq } = await beginNew(store, {});
      const [first, second] = await Promise.all([
        store.appendLabel(anAppendLabelRequest()),
        store.appendLabel(anAppendLabelRequest()),
      ]);
      expect([first?.duplicate, second?.duplicate]).toEqual([false, true]);
      const labelSeq = first?.seq ?? Number.NaN;
      expect(second?.seq).toBe(labelSeq);
      expect(await seenOn(await crash(), CARD, 'ord_2')).toEqual([paymentSeq, labelSeq]);
      expect(await seenOn(store, CARD, 'ord_2')).toEqual([paymentSeq, labelSeq]);
      const restarted = await restart();
      expect(await restarted.appendLabel(anAppendLabelRequest())).toEqual({ seq: labelSeq, duplicate: true });
      expect(await seenOn(restarted, CARD, 'ord_3')).toEqual([paymentSeq, labelSeq, labelSeq + 1]);
      expect((await restarted.appendLabel(anAppendLabelRequest({ tenantId: 'ten_other' }))).duplicate).toBe(
        false,
      );
      expect(
        (await restarted.appendLabel(anAppendLabelRequest({ labelKey: 'ord_1|legit|safe' }))).duplicate,
      ).toBe(false);
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
    id: 'SS10',
    title: 'never changes bytes that it handed out',
    check: async ({ store }) => {
      const handedOut: { readonly bytes: Uint8Array; readonly copy: Uint8Array }[] = [];
      for (const i of range(1, 1_200)) {
        const keys = [CARD, `${TENANT}|device:dfp_${i % 40}`, `${TENANT}|ip:${i}`];
        const { histories } = await beginNew(store, { transactionId: `ord_${i}`, entityKeys: keys });
        for (const bytes of histories) handedOut.push({ bytes, copy: bytes.slice() });
      }
      for (const { bytes, copy } of handedOut) expect(Buffer.compare(bytes, copy)).toBe(0);
    },
  },
  {
    id: 'SS11',
    title: 'is a function of the log: a store that knows nothing but the log has the same digest',
    check: async ({ store, logDecision, restart, twin }) => {
      const decideNew = async (from: StateStore, transactionId: string, mark = 1): Promise<void> => {
        const id = idOf(transactionId);
        const request = aBeginRequest({
          ...id,
          entityKeys: [CARD, `${TENANT}|ip:${mark % 17}`],
          record: aHistoryRecord({ mark }),
        });
        const begun = await beginNew(from, request);
        await from.commit([{ ...id, bytes: decisionBytes(id) }]);
        await logDecision(id, decisionBytes(id), placeOf(request, begun));
      };
      const digests = new Set([await store.digest()]);
      // Some are left to the sweeper: only what is decided is sure to be on the log.
      const left = new Map<string, BeginRequest>();
      for (const i of range(1, 600)) {
        if (i % 10 === 0) await store.appendLabel(anAppendLabelRequest({ labelKey: `ord_${i}|fraud` }));
        if (i % 3 === 0) await decideNew(store, `ord_${i}`, i % 200);
        else {
          const request = aBeginRequest({
            transactionId: `ord_${i}`,
            record: aHistoryRecord({ mark: i % 200 }),
          });
          await beginNew(store, request);
          left.set(`ord_${i}`, request);
        }
      }
      for (const orphan of await store.pending({ ageMs: 0, countMax: 1_000 })) {
        const request = left.get(orphan.transactionId);
        if (request === undefined) throw new Error(`${orphan.transactionId} was not left`);
        await store.commit([{ ...idOf(orphan.transactionId), bytes: decisionBytes(orphan) }]);
        await logDecision(orphan, decisionBytes(orphan), placeOf(request, orphan));
        left.delete(orphan.transactionId);
      }
      expect([...left.keys()]).toEqual([]);
      digests.add(await store.digest());
      expect(digests.size).toBe(2);
      const digest = await store.digest();
      expect(await (await twin()).digest()).toBe(digest);
      const restarted = await restart();
      expect(await restarted.digest()).toBe(digest);
      await decideNew(restarted, 'ord_more');
      expect(await restarted.digest()).not.toBe(digest);
      expect(await (await twin()).digest()).toBe(await restarted.digest());
    },
  },
];

function placeOf(
  request: BeginRequest,
  { epoch, seq }: { readonly epoch: number; readonly seq: number },
): DecisionPlace {
  return { epoch, seq, applied: packApplied(request) };
}

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
