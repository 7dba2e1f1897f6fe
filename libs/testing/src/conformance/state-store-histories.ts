import { HISTORY_RECORD_COUNT_MAX, type BeginRequest, type StateStore } from '@veto/domain';
import {
  aBeginRequest,
  aHistoryRecord,
  anAppendLabelRequest,
  decisionBytes,
} from '../builders/a-begin-request';
import type { Guarantee } from './guarantee';
import {
  beginAgain,
  beginNew,
  CARD,
  DEVICE,
  idOf,
  range,
  seenOn,
  seqsOf,
  TENANT,
  type Begun,
} from './state-store-steps';
import { placeOf, type StateStoreUnderTest } from './state-store-under-test';

/** What a state store promises about order and histories. */
export const historyGuarantees: readonly Guarantee<StateStoreUnderTest>[] = [
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
