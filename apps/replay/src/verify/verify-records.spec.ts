import { asClusterLog, aVerifiedLog, kindsOf, verdictsOf, verifyThese } from './a-verified-log.spec-support';

describe('a log that nobody damaged', () => {
  it('holds every promise, in one process and as a cluster', async () => {
    const { records, journalLines } = await aVerifiedLog(60);
    for (const log of [records, asClusterLog(records)]) {
      const report = await verifyThese(log, journalLines);
      expect(kindsOf(report)).toEqual([]);
      expect(verdictsOf(report)).toEqual({
        ...{ I1: 'held', I2: 'held', I3: 'held', I4: 'held', I5: 'held', I6: 'held', I7: 'held' },
        ...{ I8: 'not_applicable', I9: 'held', I10: 'not_checked' },
      });
      expect(report).toMatchObject({ decisions: 60, labels: 6, undecided: 0, voids: 0 });
    }
  });
});
