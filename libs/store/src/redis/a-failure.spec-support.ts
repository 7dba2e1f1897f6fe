import { setImmediate as nextTurn } from 'node:timers/promises';
import { TOPICS, type EpochOpened, type EventLog } from '@veto/domain';
import { dullHistoryEventOf } from '@veto/testing';
import { sweep, type Payer } from './a-payer.spec-support';
import { isServing, until } from './a-redis-store.spec-support';
import { digestOf, EpochFold } from './fold-epoch';
import type { RedisStore } from './redis-state-store';

export async function epochsOf(log: EventLog): Promise<EpochOpened[]> {
  const { records } = await log.read({ after: -1, recordCountMax: 1_000, topics: [TOPICS.epochs] });
  return records.map(({ value }) => JSON.parse(Buffer.from(value).toString()) as EpochOpened);
}

/** What the latest epoch of a log must hold by now: all that was before its cut, and then its own events. */
export async function digestOfLatest(log: EventLog): Promise<string> {
  const opened = (await epochsOf(log)).at(-1)!;
  const { records } = await log.read({ after: -1, recordCountMax: 1_000_000 });
  const fold = new EpochFold({ historyEventOf: dullHistoryEventOf });
  const isBefore = (position: number): boolean => position < opened.cut['log/0']!;
  for (const record of records) if (isBefore(record.position)) fold.add(record);
  fold.settle(opened.first_seq);
  for (const record of records)
    if (!isBefore(record.position) && record.epoch === opened.epoch && (record.seq ?? 0) > 0)
      fold.add(record);
  return digestOf(fold.open(Number.MAX_SAFE_INTEGER / 2));
}

/** Pays one id after the other until it is told to stop. */
export function keepPaying(payers: readonly Payer[], from: number): { stop(): Promise<number> } {
  let isStopped = false;
  let i = from;
  const done = (async () => {
    for (; !isStopped; i++) {
      // What is decided locally over a log in memory waits for nothing, and would let nothing else have its turn.
      await nextTurn();
      // The second one is a merchant's repetition, which reaches another instance.
      for (const payer of payers) await payer.pay(`ord_${i}`);
    }
  })();
  return {
    async stop() {
      isStopped = true;
      await done;
      return i;
    },
  };
}

export async function payMany(payer: Payer, from: number, count: number): Promise<void> {
  for (let i = from; i < from + count; i++) await payer.pay(`ord_${i}`);
}

export async function sweepAll(store: RedisStore, log: EventLog): Promise<void> {
  let swept = -1;
  await until(async () => {
    swept = await sweep(store, log);
    return swept === 0 && isServing(store);
  });
}
