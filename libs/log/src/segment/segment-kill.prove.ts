import { createHash } from 'node:crypto';
import { systemClock, type StoredLogRecord } from '@veto/domain';
import { aTempDirectory, bundleScript, killAfter } from '@veto/testing';
import { openSegmentLog } from './segment-event-log';
import { verifySegmentLog } from './verify-segment-log';

const ROUNDS = 60;

describe(`a writer that is killed ${ROUNDS} times in the middle of its commits`, () => {
  it('finds every acknowledged record again, byte for byte, at its position', async () => {
    const script = bundleScript('libs/log/src/segment/kill-writer.spec-support.ts', ['zod']);
    const directory = await aTempDirectory();
    const acknowledged: string[] = [];
    let tornCount = 0;
    try {
      for (let round = 0; round < ROUNDS; round++) {
        acknowledged.push(
          ...(await killAfter(script, [directory.path, String(round)], 5 + ((round * 13) % 150))),
        );
        const log = await openSegmentLog({
          directory: directory.path,
          clock: systemClock,
          segmentBytesMax: 300_000,
          onTornTail: () => (tornCount += 1),
        });
        const records: StoredLogRecord[] = [];
        for (let after = -1; after < log.end();) {
          const batch = await log.read({ after, recordCountMax: 10_000 });
          records.push(...batch.records);
          after = batch.to;
        }
        await log.close();
        expect(records.map(({ position }) => position)).toEqual(records.map((_, i) => i));
        for (const line of acknowledged) expect(seenAt(records, line)).toBe(line);
      }
      expect((await verifySegmentLog(directory.path)).damage).toBeNull();
      expect(acknowledged.length).toBeGreaterThan(ROUNDS);
      process.stdout.write(
        `${ROUNDS} kills: ${acknowledged.length} acknowledged appends found again, ${tornCount} torn tails cut\n`,
      );
    } finally {
      await directory.remove();
    }
  });
});

/** The line that the writer would have written of what is found at its positions. */
function seenAt(records: readonly StoredLogRecord[], line: string): string {
  const [first = Number.NaN, count = 0] = line.split(' ').map(Number);
  const hash = createHash('sha256');
  for (const { value } of records.slice(first, first + count)) hash.update(value);
  return `${first} ${count} ${hash.digest('hex')}`;
}
