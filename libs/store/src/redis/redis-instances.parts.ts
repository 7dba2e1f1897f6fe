import { readHistorySeq, TOPICS, type BeginResult } from '@veto/domain';
import { aBeginRequest, anAppendLabelRequest, decisionBytes } from '@veto/testing';
import { Payer, idsWithTwoDecisions, sweep, TENANT } from './a-payer.spec-support';
import { ask, isServing, StoreParts, until } from './a-redis-store.spec-support';
import { shardOf } from './shard-keys';

let parts: StoreParts;
beforeEach(() => {
  parts = new StoreParts();
});
afterEach(() => parts.dispose());

type Begun = Extract<BeginResult, { status: 'begun' }>;

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

function isBegun(result: BeginResult): result is Begun {
  return result.status === 'begun';
}

describe('two instances on one Redis', () => {
  it('SS1 begin an id once, however often both are asked at once', async () => {
    const redis = await parts.aRedis();
    const log = parts.aLog();
    const stores = [await parts.aStore(redis, log), await parts.aStore(redis, log)];
    const ids = range(1, 50).map((i) => `ord_${i}`);
    const results = await Promise.all(
      ids.flatMap((transactionId) =>
        [...stores, ...stores].map((store) => store.begin([aBeginRequest({ transactionId })])),
      ),
    );
    const statuses = results.flat().map(({ status }) => status);
    expect(statuses.filter((status) => status === 'begun')).toHaveLength(50);
    expect(statuses.filter((status) => status === 'in_flight')).toHaveLength(150);
  });

  it('SS2 hand out every number once between them, without a gap', async () => {
    const redis = await parts.aRedis();
    const log = parts.aLog();
    const stores = [await parts.aStore(redis, log), await parts.aStore(redis, log)];
    const results = await Promise.all(
      range(0, 39).map((call) =>
        stores[call % 2]!.begin(range(0, 9).map((i) => aBeginRequest({ transactionId: `ord_${call}_${i}` }))),
      ),
    );
    const seqs = results
      .flat()
      .filter(isBegun)
      .map(({ seq }) => seq);
    expect(seqs.sort((a, b) => a - b)).toEqual(range(1, 400));
    for (const call of results)
      expect(call.map((result) => (result as Begun).seq)).toEqual(
        range((call[0] as Begun).seq, (call[0] as Begun).seq + 9),
      );
  });

  it('SS4 show two hundred simultaneous payments on one card 0, 1 … 199 others, each those before it', async () => {
    const redis = await parts.aRedis();
    const log = parts.aLog();
    const stores = [await parts.aStore(redis, log), await parts.aStore(redis, log)];
    const results = await Promise.all(
      range(0, 199).map((i) => stores[i % 2]!.begin([aBeginRequest({ transactionId: `ord_${i}` })])),
    );
    const begun = results.flat().filter(isBegun);
    expect(begun).toHaveLength(200);
    for (const { seq, histories } of begun) {
      const seen = range(0, histories[0]!.length / 60 - 1).map((i) => readHistorySeq(histories[0]!, i * 60));
      expect(seen).toEqual(range(1, seq - 1));
    }
  });

  it('SS5 know one winner, and give it to the other', async () => {
    const redis = await parts.aRedis();
    const log = parts.aLog();
    const [a, b] = [await parts.aStore(redis, log), await parts.aStore(redis, log)];
    const id = { tenantId: TENANT, transactionId: 'ord_1' };
    await a.begin([aBeginRequest()]);
    const waiting = b.waitFor(id, 5_000);
    expect(await a.commit([{ ...id, bytes: decisionBytes(id, 'a') }])).toEqual([
      { won: true, bytes: decisionBytes(id, 'a') },
    ]);
    expect(await waiting).toEqual(decisionBytes(id, 'a'));
    expect(await b.commit([{ ...id, bytes: decisionBytes(id, 'b') }])).toEqual([
      { won: false, bytes: decisionBytes(id, 'a') },
    ]);
    expect(await b.begin([aBeginRequest({ fingerprint: 'another' })])).toEqual([
      { status: 'fingerprint_mismatch', first: decisionBytes(id, 'a') },
    ]);
  });

  it('SS8 take a label once', async () => {
    const redis = await parts.aRedis();
    const log = parts.aLog();
    const stores = [await parts.aStore(redis, log), await parts.aStore(redis, log)];
    const answers = await Promise.all(stores.map((store) => store.appendLabel(anAppendLabelRequest())));
    expect(answers.map(({ duplicate }) => duplicate).sort()).toEqual([false, true]);
    expect(answers[0]!.seq).toBe(answers[1]!.seq);
  });
});

describe('a history that is appended to without a pause', () => {
  it('is cut all the same, and shows each payment what was before it', async () => {
    const redis = await parts.aRedis();
    const store = await parts.aStore(redis, parts.aLog());
    const batches = range(0, 39).map((batch) =>
      range(0, 31).map((i) => aBeginRequest({ transactionId: `ord_${batch}_${i}` })),
    );
    const [hot] = aBeginRequest().entityKeys;
    const lengths: number[] = [];
    for (const [i, batch] of batches.entries()) {
      for (const begun of await store.begin(batch)) {
        const { seq, histories } = begun as Begun;
        const from = Math.max(1, seq - 256);
        if (seq > 1) expect(readHistorySeq(histories[0]!, 0)).toBe(from);
        expect(histories[0]!.length).toBe((seq - from) * 60);
      }
      lengths.push(Number(await ask(redis, 'STRLEN', `{v0}h1|${hot!}`)) / 60);
      // Two batches are pending at any time, as under load.
      const done = batches[i - 2] ?? [];
      await store.commit(
        done.map(({ tenantId, transactionId }) => ({ tenantId, transactionId, bytes: new Uint8Array(1) })),
      );
    }
    expect(Math.max(...lengths)).toBeLessThan(640);
  });
});

describe('a history that two instances append to by turns', () => {
  it('is cut under them, and shows each all that the other did', async () => {
    const redis = await parts.aRedis();
    const log = parts.aLog();
    const stores = [await parts.aStore(redis, log), await parts.aStore(redis, log)];
    let next = 0;
    for (let turn = 0; turn < 60; turn++) {
      // Some turns are long, so that the other has much to catch up on.
      const batch = range(1, turn % 7 === 0 ? 32 : 11).map(() =>
        aBeginRequest({ transactionId: `ord_${next++}` }),
      );
      const store = stores[turn % 2]!;
      for (const begun of await store.begin(batch)) {
        const { seq, histories } = begun as Begun;
        const from = Math.max(1, seq - 256);
        const seen = range(0, histories[0]!.length / 60 - 1).map((i) =>
          readHistorySeq(histories[0]!, i * 60),
        );
        expect(seen).toEqual(range(from, seq - 1));
      }
      await store.commit(
        batch.map(({ tenantId, transactionId }) => ({ tenantId, transactionId, bytes: new Uint8Array(1) })),
      );
    }
    const [hot] = aBeginRequest().entityKeys;
    expect(next).toBeGreaterThan(700);
    expect(Number(await ask(redis, 'STRLEN', `{v0}h1|${hot!}`)) / 60).toBeLessThan(next / 1.5);
  });
});

describe('two shards on two Redis servers', () => {
  it('spread tenants, keep one call in one slot each, and are one state', async () => {
    const redises = [await parts.aRedis(), await parts.aRedis()];
    const log = parts.aLog();
    const store = await parts.aStore(redises, log);
    const tenants = range(1, 20).map((i) => `ten_${i}`);
    const byShard = [0, 1].map((shard) => tenants.filter((tenantId) => shardOf(tenantId, 2) === shard));
    expect(byShard.every((own) => own.length > 3)).toBe(true);
    const begun = await store.begin(
      tenants.map((tenantId) => aBeginRequest({ tenantId, entityKeys: [`${tenantId}|card:1`] })),
    );
    // In each shard numbers start at 1, and follow the order of the batch.
    for (const own of byShard)
      expect(own.map((tenantId) => (begun[tenants.indexOf(tenantId)] as Begun).seq)).toEqual(
        range(1, own.length),
      );
    for (const [shard, redis] of redises.entries()) {
      const keys = (await ask(redis, 'KEYS', '*')) as string[];
      expect(keys.length).toBeGreaterThan(byShard[shard]!.length);
      expect(keys.filter((key) => !key.startsWith(`{v${shard}}`))).toEqual([]);
    }
    expect(await store.pending({ ageMs: 0, countMax: 100 })).toHaveLength(20);
    const payer = new Payer(store, log, 'a');
    for (const tenantId of tenants) await payer.pay('ord_2', { tenantId });
    for (const orphan of await store.pending({ ageMs: 0, countMax: 100 })) {
      const bytes = decisionBytes(orphan);
      await store.commit([{ ...orphan, bytes }]);
    }
    expect(await store.pending({ ageMs: 0, countMax: 100 })).toEqual([]);
  });

  it('fail one by one: tenants of the other one notice nothing', async () => {
    const redises = [await parts.aRedis(), await parts.aRedis()];
    const log = parts.aLog();
    const store = await parts.aStore(redises, log);
    await redises[0]!.kill();
    await until(() => store.status()[0]!.state === 'local');
    const tenants = range(1, 20).map((i) => `ten_${i}`);
    const begun = await store.begin(tenants.map((tenantId) => aBeginRequest({ tenantId, entityKeys: [] })));
    const isLocal = begun.map((result) => isBegun(result) && result.local === true);
    expect(isLocal).toEqual(tenants.map((tenantId) => shardOf(tenantId, 2) === 0));
  });
});

describe('an id that Redis has forgotten', () => {
  it('is answered by the index, with its bytes, and refuses another body', async () => {
    const redis = await parts.aRedis();
    const log = parts.aLog();
    const historyEventOf = (record: { value: Uint8Array; topic: string }): ReturnType<typeof eventOf> =>
      eventOf(record);
    const store = await parts.aStore(redis, log, { claimTtlS: 1, historyEventOf });
    const other = await parts.aStore(redis, log, { claimTtlS: 1, historyEventOf });
    const payer = new Payer(store, log, 'a');
    const { text } = await payer.pay('ord_1');
    await until(async () => (await ask(redis, 'EXISTS', `{v0}c|${TENANT}|ord_1`)) === 0);
    for (const each of [store, other]) {
      const again = new Payer(each, log, 'again');
      expect((await again.pay('ord_1')).text).toBe(text);
      const [refused] = await each.begin([aBeginRequest({ fingerprint: 'another' })]);
      expect(refused?.status).toBe('fingerprint_mismatch');
    }
  });
});

/** As the line's own reading of the log, which finds the fingerprint in the record. */
function eventOf(record: { readonly value: Uint8Array; readonly topic: string }) {
  if (record.topic !== TOPICS.decisions) return null;
  const { tenantId, transactionId } = JSON.parse(Buffer.from(record.value).toString()) as {
    tenantId: string;
    transactionId: string;
  };
  const fingerprint = `fingerprint of ${transactionId}`;
  return { type: 'decided' as const, tenantId, transactionId, fingerprint, bytes: record.value };
}

describe('a label that reached Redis and not the log', () => {
  it('is swept onto the log', async () => {
    const redis = await parts.aRedis();
    const log = parts.aLog();
    const store = await parts.aStore(redis, log);
    const append = log.append.bind(log);
    log.append = (records, options) =>
      records[0]?.topic === TOPICS.labels ? new Promise(() => undefined) : append(records, options);
    void store.appendLabel(anAppendLabelRequest());
    await until(async () => (await ask(redis, 'ZCARD', '{v0}labels')) === 1);
    // The process dies here; another one takes over.
    await store.close();
    log.append = append;
    const other = await parts.aStore(redis, log);
    await until(async () => {
      await sweep(other, log);
      return (await ask(redis, 'ZCARD', '{v0}labels')) === 0;
    });
    const { records } = await log.read({ after: -1, recordCountMax: 100, topics: [TOPICS.labels] });
    expect(records.map(({ seq, epoch }) => ({ seq, epoch }))).toEqual([{ seq: 1, epoch: 1 }]);
    expect(await other.appendLabel(anAppendLabelRequest())).toEqual({ seq: 1, duplicate: true });
    expect(isServing(other)).toBe(true);
  });
});

describe('ids that two instances are asked for at once', () => {
  it('get one decision each', async () => {
    const redis = await parts.aRedis();
    const log = parts.aLog();
    const payers = [
      new Payer(await parts.aStore(redis, log), log, 'a'),
      new Payer(await parts.aStore(redis, log), log, 'b'),
    ];
    await Promise.all(
      range(1, 300).flatMap((i) => [...payers, ...payers].map((payer) => payer.pay(`ord_${i}`))),
    );
    expect(idsWithTwoDecisions(payers)).toEqual([]);
    expect(payers.flatMap(({ answers }) => answers)).toHaveLength(1_200);
  });
});
