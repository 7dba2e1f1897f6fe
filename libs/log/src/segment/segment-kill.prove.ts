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
        const positions = new Map(records.map(({ key, position }) => [key, position]));
        for (const line of acknowledged) expect(seenAt(records, positions, line)).toBe(line);
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

/** The line that the writer would have written of what is found where its first key lies. */
function seenAt(
  records: readonly StoredLogRecord[],
  positions: ReadonlyMap<string, number>,
  line: string,
): string {
  const [key = '', countText = '', lastText = ''] = line.split(' ');
  const count = Number(countText);
  const first = positions.get(key) ?? Number.NaN;
  const last = lastText === '-' ? '-' : String(first + count - 1);
  const hash = createHash('sha256');
  for (const { value } of records.slice(first, first + count)) hash.update(value);
  return `${key} ${count} ${last} ${hash.digest('hex')}`;
}
