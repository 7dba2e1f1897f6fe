import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { aTempDirectory, type TempDirectory } from '@veto/testing';
import { readClientJournals } from './client-journal';

let directory: TempDirectory;

beforeAll(async () => {
  directory = await aTempDirectory();
});

afterAll(async () => {
  await directory.remove();
});

const asked = { at_ms: 1, tenant_id: 'ten_a', transaction_id: 'ord_1', attempt: 1 };

function aJournal(name: string, text: string): string {
  const path = join(directory.path, name);
  writeFileSync(path, text);
  return path;
}

describe("a client's journal", () => {
  it('is summed up over files, by payment and by body', async () => {
    const answer = JSON.stringify({ ...asked, status: 200, body: '{}' });
    const one = aJournal('one', `${JSON.stringify(asked)}\n${answer}\n\n`);
    const two = aJournal(
      'two',
      `${JSON.stringify({ ...asked, status: 201, body: '{ }', replayed: true })}\n` +
        `${JSON.stringify({ ...asked, error: 'ECONNRESET' })}\n${JSON.stringify({ ...asked, status: 503 })}\n`,
    );
    const journal = await readClientJournals([one, two]);
    expect(journal.told.get('ten_a|ord_1')).toMatchObject({ promisedCount: 2 });
    expect(journal.told.get('ten_a|ord_1')?.bodies?.size).toBe(2);
    expect(journal).toMatchObject({ requestCount: 1, answerCount: 3, errorCount: 1, replayedCount: 1 });
  });

  it('may end in the middle of a line, as a kill leaves it', async () => {
    const path = aJournal('torn', `${JSON.stringify(asked)}\n{"at_ms":2,"ten`);
    expect((await readClientJournals([path])).requestCount).toBe(1);
  });

  it('has no other line that is none', async () => {
    const middle = aJournal('middle', `{"at_ms":2,"ten\n${JSON.stringify(asked)}`);
    await expect(readClientJournals([middle])).rejects.toThrow(`${middle}, line 1: not a line`);
    const whole = aJournal('whole', `${JSON.stringify(asked)}\n{"at_ms":2}\n`);
    await expect(readClientJournals([whole])).rejects.toThrow(`${whole}, line 2: not a line`);
  });
});
