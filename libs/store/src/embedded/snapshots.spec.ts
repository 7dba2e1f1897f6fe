import { createHash } from 'node:crypto';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TOPICS, type EventLog, type StateStore } from '@veto/domain';
import { createMemoryLog } from '@veto/log';
import {
  aBeginRequest,
  aClock,
  aHistoryRecord,
  anAppendLabelRequest,
  aTempDirectory,
  decisionBytes,
  dullHistoryEventOf,
  type TempDirectory,
} from '@veto/testing';
import { openEmbeddedStore, type EmbeddedStoreOptions } from './embedded-state-store';
import type { Ignored } from './restore-state';

let directory: TempDirectory;
let log: EventLog;
let readCounts: { begun: number };
let ignored: Ignored[];

beforeEach(async () => {
  directory = await aTempDirectory();
  log = createMemoryLog({ clock: aClock() });
  readCounts = { begun: 0 };
  ignored = [];
});
afterEach(async () => {
  await directory.remove();
});

function open(options: Partial<EmbeddedStoreOptions> = {}): Promise<StateStore> {
  return openEmbeddedStore({
    directory: directory.path,
    log,
    clock: aClock(),
    historyEventOf: (record) => {
      const event = dullHistoryEventOf(record);
      if (event?.type === 'begun') readCounts.begun += 1;
      return event;
    },
    onIgnored: (each) => ignored.push(each),
    ...options,
  });
}

/** Payments on one card and one of seven devices, every third decided, every fifth labelled. */
async function live(store: StateStore, from: number, to: number): Promise<void> {
  for (let i = from; i < to; i++) {
    const id = { tenantId: 'ten_test', transactionId: `ord_${i}` };
    const entityKeys = ['ten_test|card:cfp_1', `ten_test|device:${i % 7}`];
    await store.begin([aBeginRequest({ ...id, entityKeys, record: aHistoryRecord({ mark: i % 256 }) })]);
    if (i % 5 === 0) await store.appendLabel(anAppendLabelRequest({ labelKey: `${i}`, entityKeys }));
    if (i % 3 !== 0) continue;
    const value = decisionBytes(id);
    await store.commit([{ ...id, bytes: value }]);
    await log.append([{ topic: TOPICS.decisions, key: `${id.tenantId}|${id.transactionId}`, value }]);
  }
}

/** What is pending, with bytes as one string each: equality of large arrays, element by element, takes minutes. */
async function pendingIn(store: StateStore): Promise<unknown> {
  const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
  return (await store.pending({ ageMs: 0, countMax: 10_000 })).map(({ payload, histories, ...claim }) => ({
    ...claim,
    payload: hashOf(payload),
    histories: histories.map(hashOf),
  }));
}

async function snapshotNames(): Promise<string[]> {
  return (await readdir(directory.path)).filter((name) => name.startsWith('snapshot-')).sort();
}

async function rebuiltDigest(): Promise<string> {
  const rebuilt = await open({ directory: null });
  const digest = await rebuilt.digest();
  await rebuilt.close();
  return digest;
}

describe('a store that starts from a snapshot', () => {
  it('reads of the log only what came after it, and is as if it had read everything', async () => {
    const first = await open();
    await live(first, 0, 400);
    await first.close();
    const second = await open();
    expect(readCounts.begun).toBe(0);
    await live(second, 400, 450);
    const pending = await pendingIn(second);
    await second.close();
    // As after a kill: without the snapshot that closing takes.
    await rm(join(directory.path, (await snapshotNames()).at(-1) ?? ''));
    const third = await open();
    expect(readCounts.begun).toBe(50);
    expect(await third.digest()).toBe(await rebuiltDigest());
    expect(await pendingIn(third)).toEqual(pending);
    expect(ignored).toEqual([]);
    await third.close();
  });

  it('keeps the newest two', async () => {
    for (let i = 0; i < 4; i++) {
      const store = await open();
      await live(store, i * 10, i * 10 + 10);
      await store.close();
    }
    // Each ten payments come with two labels: 12 events.
    expect(await snapshotNames()).toEqual(
      [36, 48].map((seq) => `snapshot-${String(seq).padStart(16, '0')}.bin`),
    );
  });

  it('is the same when the snapshot was taken while payments came in', async () => {
    const store = await open({ snapshotEveryMs: 1 });
    for (let i = 0; i < 60; i++) {
      await live(store, i * 40, i * 40 + 40);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    const pending = await pendingIn(store);
    await store.close();
    // The newest was taken at the end, in peace; the one before it while payments came in.
    const [busy = '', peaceful = ''] = await snapshotNames();
    await rm(join(directory.path, peaceful));
    const restored = await open();
    expect(ignored).toEqual([]);
    expect(readCounts.begun).toBeGreaterThan(0);
    expect(readCounts.begun).toBeLessThan(2_400);
    expect(busy < peaceful).toBe(true);
    expect(await restored.digest()).toBe(await rebuiltDigest());
    expect(await pendingIn(restored)).toEqual(pending);
    await restored.close();
  });
});

describe('a store that cannot use what lies on the disk', () => {
  beforeEach(async () => {
    const store = await open();
    await live(store, 0, 100);
    await store.close();
    const again = await open();
    await live(again, 100, 130);
    await again.close();
    readCounts.begun = 0;
  });

  async function opensAsRebuilt(options: Partial<EmbeddedStoreOptions> = {}): Promise<void> {
    const store = await open(options);
    expect(await store.digest()).toBe(await rebuiltDigest());
    const id = { tenantId: 'ten_test', transactionId: 'ord_3' };
    expect(await store.find(id)).toEqual(decisionBytes(id));
    expect((await store.begin([aBeginRequest({ ...id, fingerprint: 'another' })]))[0]?.status).toBe(
      'fingerprint_mismatch',
    );
    expect((await store.appendLabel(anAppendLabelRequest({ labelKey: '5' }))).duplicate).toBe(true);
    await store.close();
  }

  it.each([0, 30, 500, -3])(
    'starts from the snapshot before when byte %i of the newest is damaged',
    async (at) => {
      const [, newest = ''] = await snapshotNames();
      const path = join(directory.path, newest);
      const bytes = await readFile(path);
      const damagedAt = at < 0 ? bytes.length + at : at;
      bytes[damagedAt] = bytes[damagedAt]! ^ 0x20;
      await writeFile(path, bytes);
      await opensAsRebuilt();
      expect(ignored.map(({ what }) => what)).toEqual([path]);
      // 30 payments after the older snapshot, and all 130 of the rebuilt one.
      expect(readCounts.begun).toBe(30 + 130);
    },
  );

  it('starts from the snapshot before when the newest was cut', async () => {
    const [, newest = ''] = await snapshotNames();
    const path = join(directory.path, newest);
    await writeFile(path, (await readFile(path)).subarray(0, 1_000));
    await opensAsRebuilt();
    expect(ignored).toHaveLength(1);
  });

  it('reads the whole log when the records have another layout', async () => {
    await opensAsRebuilt({ historyVersion: 2 });
    expect(ignored).toHaveLength(2);
    expect(readCounts.begun).toBe(130 + 130);
  });

  it('makes the index again when it is gone, and does not believe snapshots that are ahead of it', async () => {
    await rm(join(directory.path, 'decided'), { recursive: true });
    await opensAsRebuilt();
    expect(ignored.map(({ why }) => why)).toEqual(
      Array.from({ length: 2 }, () => 'the index of decided ids is behind it'),
    );
  });

  it('makes the index again when its file is no index', async () => {
    await writeFile(join(directory.path, 'decided', 'data.mdb'), Buffer.alloc(20_000, 7));
    await opensAsRebuilt();
    expect(ignored[0]?.what).toBe(join(directory.path, 'decided'));
  });

  it('forgets everything when the log is another one', async () => {
    const clock = aClock(5);
    log = createMemoryLog({ clock });
    const fresh = await open({ directory: null });
    await live(fresh, 0, 300);
    await fresh.close();
    await opensAsRebuilt();
    expect(ignored.map(({ what }) => what)).toContain('the index of decided ids');
  });

  it('refuses a log in which an event is missing', async () => {
    const { records } = await log.read({ after: -1, recordCountMax: 10_000 });
    const gapped = createMemoryLog({ clock: aClock() });
    await gapped.append(records.filter(({ seq }) => seq !== 7));
    await expect(open({ log: gapped, directory: null })).rejects.toMatchObject({ code: 'log_corrupt' });
  });
});
