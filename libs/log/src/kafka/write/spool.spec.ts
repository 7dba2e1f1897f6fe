import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TOPICS } from '@veto/domain';
import { Spool } from './spool';

const record = { topic: TOPICS.decisions, key: 'ten|ord_1', value: new Uint8Array([1, 2, 3]) };

describe('a write-ahead file whose mark the disk does not take', () => {
  it('is drained all the same, and passes the same records on once more after a restart', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'veto-spool-'));
    const options = { directory, clock: { nowMs: () => 0 }, bytesMax: 1_000_000 };
    try {
      const spool = await Spool.open(options);
      await spool.append([record]);
      const [folder] = await readdir(directory);
      // A folder by the name of the file that is to be written.
      await mkdir(join(directory, folder!, 'drained.tmp'));
      await spool.drained(1);
      expect(spool.isEmpty).toBe(true);
      await spool.close();
      const after = await Spool.open(options);
      expect((await after.next(10)).map(({ key }) => key)).toEqual(['ten|ord_1']);
      await after.close();
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });
});
