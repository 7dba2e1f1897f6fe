import { TOPICS } from '@veto/domain';
import { decodeCheckpoint, encodeCheckpoint, partitionName } from './copy-checkpoint';

describe('the checkpoint of a copy', () => {
  it.each([true, false])('comes back as it was written (of all partitions: %s)', (isFull) => {
    const next = new Map([
      [partitionName(TOPICS.decisions, 0), 0],
      [partitionName(TOPICS.decisions, 65_536), 2 ** 40],
      [partitionName(TOPICS.caseEvents, 11), 7],
    ]);
    const { value } = encodeCheckpoint(next, isFull);
    expect(decodeCheckpoint(value)).toEqual({ isFull, next: Object.fromEntries(next) });
  });

  it('of one partition takes 29 bytes', () => {
    // 1 that says whether it is of all, 1 for the length of "veto.decisions.v1" (17), 4 and 6 for its numbers.
    expect(encodeCheckpoint(new Map([[partitionName(TOPICS.decisions, 3), 9]]), false).value).toHaveLength(
      29,
    );
  });
});
