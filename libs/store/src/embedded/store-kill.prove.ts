import { join } from 'node:path';
import { systemClock, type StateStore } from '@veto/domain';
import { openSegmentLog } from '@veto/log';
import {
  aBeginRequest,
  anAppendLabelRequest,
  aTempDirectory,
  bundleScript,
  decisionBytes,
  dullHistoryEventOf,
  killAfter,
} from '@veto/testing';
import { openEmbeddedStore } from './embedded-state-store';
import type { Ignored } from './restore-state';

const ROUNDS = 25;

/** What a merchant could see of what was acknowledged: the same bytes, the same label. */
async function check(store: StateStore, acknowledged: readonly string[]): Promise<void> {
  for (const line of acknowledged) {
    const [what, transactionId = ''] = line.split(' ');
    if (what === 'label') {
      const { duplicate } = await store.appendLabel(anAppendLabelRequest({ labelKey: transactionId }));
      expect({ line, duplicate }).toEqual({ line, duplicate: true });
    } else {
      const bytes = decisionBytes({ transactionId });
      expect(await store.begin([aBeginRequest({ transactionId })])).toEqual([{ status: 'decided', bytes }]);
      expect((await store.begin([aBeginRequest({ transactionId, fingerprint: 'another' })]))[0]).toEqual({
        status: 'fingerprint_mismatch',
        first: bytes,
      });
    }
  }
}

describe(`a line that is killed ${ROUNDS} times while it decides, labels and takes snapshots`, () => {
  it('answers every acknowledged payment as before, and its state is that of its log', async () => {
    const script = bundleScript('libs/store/src/embedded/kill-line.spec-support.ts', [
      'lmdb',
      'zod',
      'fast-check',
      'kafkajs',
      'lz4-napi',
    ]);
    const directory = await aTempDirectory();
    const ignored: Ignored[] = [];
    let acknowledgedCount = 0;
    let pendingCount = 0;
    try {
      for (let round = 0; round < ROUNDS; round++) {
        const acknowledged = await killAfter(
          script,
          [directory.path, String(round)],
          20 + ((round * 37) % 400),
        );
        acknowledgedCount += acknowledged.length;
        const log = await openSegmentLog({
          directory: join(directory.path, 'log'),
          clock: systemClock,
          segmentBytesMax: 2_000_000,
        });
        const options = { log, clock: systemClock, historyEventOf: dullHistoryEventOf };
        const store = await openEmbeddedStore({
          ...options,
          directory: join(directory.path, 'state'),
          onIgnored: (each) => ignored.push(each),
        });
        const rebuilt = await openEmbeddedStore({ ...options, directory: null });
        expect(await store.digest()).toBe(await rebuilt.digest());
        await check(store, acknowledged);
        const pending = await store.pending({ ageMs: -1e9, countMax: 1e6 });
        expect(pending.map(({ seq }) => seq)).toEqual(
          (await rebuilt.pending({ ageMs: -1e9, countMax: 1e6 })).map(({ seq }) => seq),
        );
        pendingCount = pending.length;
        await rebuilt.close();
        await store.close();
        await log.close();
      }
      expect(acknowledgedCount).toBeGreaterThan(ROUNDS * 10);
      expect(ignored).toEqual([]);
      process.stdout.write(
        `${ROUNDS} kills: ${acknowledgedCount} acknowledged decisions and labels found again, ${pendingCount} ids still pending\n`,
      );
    } finally {
      await directory.remove();
    }
  });
});
