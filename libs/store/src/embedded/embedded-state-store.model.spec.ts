import { join } from 'node:path';
import fc from 'fast-check';
import { TOPICS, type BeginRequest, type EventLog, type StateStore } from '@veto/domain';
import { createMemoryLog } from '@veto/log';
import {
  aBeginRequest,
  aClock,
  aHistoryRecord,
  anAppendLabelRequest,
  aTempDirectory,
  decisionBytes,
  dullHistoryEventOf,
  PlainJournal,
  PlainStateStore,
  type ManualClock,
} from '@veto/testing';
import { openEmbeddedStore } from './embedded-state-store';

/** Something that a client, the line or fate does. Ids, entities and bodies are few, so that they meet. */
type Action =
  | {
      readonly type: 'begin';
      readonly payments: readonly {
        readonly id: number;
        readonly body: number;
        readonly keys: readonly number[];
        readonly repeat: number;
      }[];
    }
  | { readonly type: 'commit'; readonly id: number; readonly word: string }
  | { readonly type: 'log'; readonly id: number }
  | { readonly type: 'label'; readonly id: number; readonly key: number }
  | { readonly type: 'ask'; readonly id: number }
  | { readonly type: 'wait'; readonly ms: number }
  | { readonly type: 'restart' };

const TENANTS = ['ten_a', 'ten_b'];
const id = fc.nat({ max: 11 });
const key = fc.nat({ max: 4 });

const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant('begin' as const),
      payments: fc.array(
        fc.record({
          id,
          body: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.constant(1) }),
          keys: fc.uniqueArray(key, { maxLength: 3 }),
          // Many payments at once on the same entities: histories grow over every limit of their storage.
          repeat: fc.oneof(
            { weight: 8, arbitrary: fc.constant(1) },
            { weight: 1, arbitrary: fc.integer({ min: 2, max: 120 }) },
          ),
        }),
        { minLength: 1, maxLength: 4 },
      ),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('commit' as const),
      id,
      word: fc.constantFrom('approve', 'block'),
    }),
  },
  { weight: 4, arbitrary: fc.record({ type: fc.constant('log' as const), id }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('label' as const), id, key }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('ask' as const), id }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('wait' as const), ms: fc.nat({ max: 1_000 }) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('restart' as const) }) },
);

const idOf = (n: number) => ({ tenantId: TENANTS[n % 2] ?? '', transactionId: `ord_${n}` });
const keyOf = (tenantId: string, n: number): string => `${tenantId}|card:${n}`;

function beginRequests({ payments }: Extract<Action, { type: 'begin' }>, turn: number): BeginRequest[] {
  return payments.flatMap(({ id: n, body, keys, repeat }) =>
    Array.from({ length: repeat }, (_, i) => {
      const { tenantId, transactionId } = idOf(n);
      const entityKeys = keys.map((k) => keyOf(tenantId, k));
      const request = {
        tenantId,
        transactionId: i === 0 ? transactionId : `${transactionId}/${turn}/${i}`,
        entityKeys,
        record: aHistoryRecord({ mark: (n * 31 + body + i) % 256 }),
      };
      return aBeginRequest({ ...request, fingerprint: `${transactionId} body ${body}` });
    }),
  );
}

/** A store, the log that it lies over, and how to let fate loose on both. */
interface Side {
  store: StateStore;
  logDecision(
    id: { readonly tenantId: string; readonly transactionId: string },
    bytes: Uint8Array,
  ): Promise<void>;
  restart(): Promise<void>;
}

function act(
  side: Side,
  doing: Exclude<Action, { type: 'wait' | 'restart' }>,
  turn: number,
): Promise<unknown> {
  const { store } = side;
  switch (doing.type) {
    case 'begin':
      return store.begin(beginRequests(doing, turn));
    case 'commit':
      return store.commit([{ ...idOf(doing.id), bytes: decisionBytes(idOf(doing.id), doing.word) }]);
    case 'log':
      return store
        .find(idOf(doing.id))
        .then((bytes) => (bytes === null ? undefined : side.logDecision(idOf(doing.id), bytes)));
    case 'label': {
      const { tenantId, transactionId } = idOf(doing.id);
      const record = aHistoryRecord({ mark: doing.key });
      return store.appendLabel(
        anAppendLabelRequest({
          tenantId,
          labelKey: `${transactionId}|${doing.key}`,
          entityKeys: [keyOf(tenantId, doing.key)],
          record,
        }),
      );
    }
    case 'ask':
      return Promise.all([store.find(idOf(doing.id)), store.pending({ ageMs: 500, countMax: 5 })]);
  }
}

/** Bytes as one string each: equality of large arrays, element by element, takes minutes. */
function plain(seen: unknown): unknown {
  return JSON.parse(
    JSON.stringify(seen, (_key, value: unknown) =>
      value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value,
    ),
  );
}

/** Committing what was never begun is a mistake of the caller's; the line does not make it. */
async function isAllowed(oracle: StateStore, doing: Action): Promise<boolean> {
  if (doing.type !== 'commit') return true;
  const pending = await oracle.pending({ ageMs: -1e9, countMax: 1e6 });
  const { tenantId, transactionId } = idOf(doing.id);
  const isPending = pending.some(
    (claim) => claim.tenantId === tenantId && claim.transactionId === transactionId,
  );
  return isPending || (await oracle.find(idOf(doing.id))) !== null;
}

async function agree(
  sides: readonly [Side, Side],
  clock: ManualClock,
  turns: readonly (readonly Action[])[],
): Promise<void> {
  const [real, oracle] = sides;
  for (const [turn, doings] of turns.entries()) {
    const together: Exclude<Action, { type: 'wait' | 'restart' }>[] = [];
    for (const doing of doings) {
      if (doing.type === 'wait') clock.advance(doing.ms);
      else if (doing.type === 'restart') for (const side of sides) await side.restart();
      else if (await isAllowed(oracle.store, doing)) together.push(doing);
    }
    // All of a turn's calls are made before the first is awaited, on each side.
    const seen = Promise.all(together.map((doing) => act(real, doing, turn)));
    const expected = Promise.all(together.map((doing) => act(oracle, doing, turn)));
    expect(plain(await seen)).toEqual(plain(await expected));
  }
  expect(await real.store.digest()).toBe(await oracle.store.digest());
}

function oracleSide(clock: ManualClock): Side {
  const journal = new PlainJournal();
  const side: Side = {
    store: new PlainStateStore(journal, clock),
    logDecision: (of, bytes) => {
      if (
        !journal.events.some((event) => event.type === 'decided' && event.transactionId === of.transactionId)
      )
        journal.logDecision(of, bytes);
      return Promise.resolve();
    },
    restart: () => {
      side.store = new PlainStateStore(journal, clock);
      return Promise.resolve();
    },
  };
  return side;
}

async function realSide(clock: ManualClock, log: EventLog, directory: string | null): Promise<Side> {
  const open = () => openEmbeddedStore({ directory, log, clock, historyEventOf: dullHistoryEventOf });
  const side: Side = {
    store: await open(),
    logDecision: async ({ tenantId, transactionId }, value) => {
      await log.append([{ topic: TOPICS.decisions, key: `${tenantId}|${transactionId}`, value }]);
    },
    restart: async () => {
      await side.store.close();
      side.store = await open();
    },
  };
  return side;
}

describe('any interleaving of begins, commits, labels and restarts', () => {
  const turns = fc.array(fc.array(action, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 12 });

  it('is answered as by the oracle, in memory', async () => {
    const property = fc.asyncProperty(turns, async (acted) => {
      const clock = aClock();
      const log = createMemoryLog({ clock });
      const real = await realSide(clock, log, null);
      await agree([real, oracleSide(clock)], clock, acted);
      await real.store.close();
    });
    await fc.assert(property, { numRuns: 60 });
  }, 60_000);

  it('is answered as by the oracle, with snapshots and the index on disk', async () => {
    const property = fc.asyncProperty(turns, async (acted) => {
      const clock = aClock();
      const directory = await aTempDirectory();
      const real = await realSide(clock, createMemoryLog({ clock }), join(directory.path, 'state'));
      try {
        await agree([real, oracleSide(clock)], clock, acted);
      } finally {
        await real.store.close();
        await directory.remove();
      }
    });
    await fc.assert(property, { numRuns: 15 });
  }, 60_000);
});
