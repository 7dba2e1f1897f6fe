import fc from 'fast-check';
import {
  packApplied,
  TOPICS,
  unpackApplied,
  writeHistorySeq,
  type DecisionRecord,
  type StoredLogRecord,
} from '@veto/domain';
import {
  asClusterLog,
  aVerifiedLog,
  kindsOf,
  verdictsOf,
  verifyThese,
  type VerifiedLog,
} from './a-verified-log.spec-support';

const PAYMENT_COUNT = 40;
/** Which of the decisions is damaged. */
const victim = fc.nat({ max: PAYMENT_COUNT - 1 });

let sound: VerifiedLog;
let cluster: readonly StoredLogRecord[];

beforeAll(async () => {
  sound = await aVerifiedLog(PAYMENT_COUNT);
  cluster = asClusterLog(sound.records);
});

function decisionAt(records: readonly StoredLogRecord[], i: number): { at: number; record: StoredLogRecord } {
  const places = records.flatMap(({ topic }, at) => (topic === TOPICS.decisions ? [at] : []));
  const at = places[i]!;
  return { at, record: records[at]! };
}

function withRecord(
  records: readonly StoredLogRecord[],
  at: number,
  record: StoredLogRecord,
): StoredLogRecord[] {
  return records.map((own, i) => (i === at ? record : own));
}

/** The record with another value: what the JSON of its decision becomes. */
function changed(
  record: StoredLogRecord,
  change: (json: string, parsed: DecisionRecord) => string,
): StoredLogRecord {
  const json = Buffer.from(record.value).toString();
  const value = Buffer.from(change(json, JSON.parse(json) as DecisionRecord));
  return { ...record, value };
}

async function found(
  records: readonly StoredLogRecord[],
  journalLines: readonly string[] | null,
): Promise<string[]> {
  return kindsOf(await verifyThese(records, journalLines));
}

describe('damage to the log is found and named', () => {
  it('a lost decision, by the client who was promised it', async () => {
    await fc.assert(
      fc.asyncProperty(victim, fc.boolean(), async (i, isCluster) => {
        const records = isCluster ? cluster : sound.records;
        const { at, record } = decisionAt(records, i);
        const report = await verifyThese(
          records.filter((_, j) => j !== at),
          sound.journalLines,
        );
        expect(kindsOf(report)).toContain('I1 decision_lost');
        expect(report.findings.map(({ subject }) => subject)).toContain(record.key);
        expect(verdictsOf(report)['I1']).toBe('broken');
      }),
      { numRuns: 8 },
    );
  });

  it('a lost decision, by the gap that it leaves, where nobody was promised anything', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: PAYMENT_COUNT - 2 }), async (i) => {
        const { at } = decisionAt(cluster, i);
        expect(
          await found(
            cluster.filter((_, j) => j !== at),
            null,
          ),
        ).toContain('I9 seq_gap');
      }),
      { numRuns: 8 },
    );
  });

  it('a lost label', async () => {
    const at = cluster.findIndex(({ topic }) => topic === TOPICS.labels);
    expect(
      await found(
        cluster.filter((_, j) => j !== at),
        sound.journalLines,
      ),
    ).toContain('I9 seq_gap');
  });

  it('a byte of the payment, of the features or of the body', async () => {
    await fc.assert(
      fc.asyncProperty(
        victim,
        fc.constantFrom(
          '"amount":',
          '"features":[',
          '"fingerprint":"sha256:',
          '"created_at":"20',
          '"threshold":0.',
        ),
        fc.boolean(),
        async (i, mark, isCluster) => {
          const records = isCluster ? cluster : sound.records;
          const { at, record } = decisionAt(records, i);
          const damaged = changed(record, (json) => {
            const digit = json.indexOf(mark) + mark.length;
            expect(digit).toBeGreaterThan(mark.length);
            return json.slice(0, digit) + (json[digit] === '7' ? '8' : '7') + json.slice(digit + 1);
          });
          expect(await found(withRecord(records, at, damaged), sound.journalLines)).not.toEqual([]);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('a value that is no JSON any more', async () => {
    await fc.assert(
      fc.asyncProperty(victim, fc.double({ min: 0.1, max: 0.99, noNaN: true }), async (i, share) => {
        const { at, record } = decisionAt(cluster, i);
        const torn = { ...record, value: record.value.subarray(0, Math.floor(record.value.length * share)) };
        expect(await found(withRecord(cluster, at, torn), null)).toContain('I2 record_unreadable');
      }),
      { numRuns: 8 },
    );
  });

  it('one feature that is not what the histories say', async () => {
    await fc.assert(
      fc.asyncProperty(victim, fc.nat(), fc.boolean(), async (i, which, isCluster) => {
        const records = isCluster ? cluster : sound.records;
        const { at, record } = decisionAt(records, i);
        const damaged = changed(record, (_, parsed) => {
          const features = [...parsed.features];
          const feature = which % features.length;
          features[feature] = (features[feature] ?? 0) + 1;
          return JSON.stringify({ ...parsed, features });
        });
        const report = await verifyThese(withRecord(records, at, damaged), sound.journalLines);
        expect(kindsOf(report)).toContain('I4 vector_differs');
        expect(report.findings.find(({ kind }) => kind === 'vector_differs')?.subject).toBe(record.key);
      }),
      { numRuns: 15 },
    );
  });

  it('another outcome than what was recorded leads to', async () => {
    const { at, record } = decisionAt(cluster, 3);
    const damaged = changed(record, (_, parsed) => {
      const outcome = parsed.decision.outcome === 'approve' ? 'block' : 'approve';
      return JSON.stringify({ ...parsed, decision: { ...parsed.decision, outcome } });
    });
    expect(await found(withRecord(cluster, at, damaged), null)).toEqual(['I4 decision_differs']);
  });

  it('two payments that saw the same count', async () => {
    const { at, record } = decisionAt(cluster, 20);
    const damaged = changed(record, (_, parsed) => {
      const features = parsed.features.map((value) => (value === null ? null : Math.max(0, value - 1)));
      return JSON.stringify({ ...parsed, features });
    });
    expect(await found(withRecord(cluster, at, damaged), null)).toEqual(
      expect.arrayContaining(['I4 vector_differs', 'I6 counts_repeat']),
    );
  });
});

describe('a second decision of one id', () => {
  const other = (record: StoredLogRecord): StoredLogRecord =>
    changed(record, (json) => json.replace('"policy":{"version"', '"policy": {"version"'));

  it('is void when nobody was answered with it', async () => {
    const { record } = decisionAt(cluster, 5);
    const report = await verifyThese([...cluster, other(record)], sound.journalLines);
    expect(kindsOf(report)).toEqual([]);
    expect(report.voids).toBe(1);
  });

  it('proves nothing without a journal', async () => {
    const { record } = decisionAt(cluster, 5);
    const report = await verifyThese([...cluster, other(record)], null);
    expect(verdictsOf(report)['I2']).toBe('not_checked');
  });

  it('is found when a client was answered with it', async () => {
    await fc.assert(
      fc.asyncProperty(victim, async (i) => {
        const { record } = decisionAt(cluster, i);
        const [tenant_id, transaction_id] = record.key.split('|');
        const second = other(record);
        const json = Buffer.from(second.value).toString();
        const body = json.slice(json.indexOf(',"decision":{') + ',"decision":'.length, -1);
        const told = JSON.stringify({ at_ms: 1, tenant_id, transaction_id, attempt: 2, status: 200, body });
        expect(await found([...cluster, second], [...sound.journalLines, told])).toEqual([
          'I2 second_truth',
          'I2 void_answered',
        ]);
      }),
      { numRuns: 10 },
    );
  });

  it('is found when it came first', async () => {
    const { at, record } = decisionAt(cluster, 5);
    const records = [...cluster.slice(0, at), other(record), ...cluster.slice(at)];
    expect(await found(records, sound.journalLines)).toContain('I2 void_answered');
  });
});

describe('damage to the order and to what takes effect', () => {
  it('one place for two payments', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: PAYMENT_COUNT - 1 }), async (i) => {
        const { seq } = decisionAt(cluster, i - 1).record;
        const { at, record } = decisionAt(cluster, i);
        expect(await found(withRecord(cluster, at, { ...record, seq: seq! }), null)).toEqual(
          expect.arrayContaining(['I4 place_unknown', 'I9 seq_gap', 'I9 seq_twice']),
        );
      }),
      { numRuns: 10 },
    );
  });

  it('an entity of another tenant', async () => {
    const { at, record } = decisionAt(cluster, 8);
    const { entityKeys, record: bytes } = unpackApplied(record.applied!);
    const applied = packApplied({ entityKeys: ['ten_b|card:cfp_9', ...entityKeys.slice(1)], record: bytes });
    expect(await found(withRecord(cluster, at, { ...record, applied }), null)).toEqual(
      expect.arrayContaining(['I5 applied_differs', 'I7 tenant_foreign']),
    );
  });

  it('an event that reached all of its entities but one, or with another amount', async () => {
    await fc.assert(
      fc.asyncProperty(victim, fc.boolean(), async (i, isAmount) => {
        const { at, record } = decisionAt(cluster, i);
        const { entityKeys, record: bytes } = unpackApplied(record.applied!);
        if (isAmount) bytes[24] = (bytes[24]! + 1) % 256;
        const applied = packApplied({
          entityKeys: isAmount ? entityKeys : entityKeys.slice(1),
          record: bytes,
        });
        expect(await found(withRecord(cluster, at, { ...record, applied }), null)).toContain(
          'I5 applied_differs',
        );
      }),
      { numRuns: 8 },
    );
  });

  it('not a sequence number inside the event, which the state writes itself', async () => {
    const { at, record } = decisionAt(cluster, 8);
    const applied = record.applied!.slice();
    writeHistorySeq(applied, 77);
    expect(await found(withRecord(cluster, at, { ...record, applied }), null)).toEqual([]);
  });

  it('a place that says nothing of what it does', async () => {
    const { at, record } = decisionAt(cluster, 8);
    const { applied: _applied, ...bare } = record;
    expect(await found(withRecord(cluster, at, bare), null)).toContain('I4 applied_missing');
  });

  it('a record under the key of another tenant', async () => {
    const { at, record } = decisionAt(cluster, 8);
    const moved = { ...record, key: record.key.replace('ten_a', 'ten_b') };
    expect(await found(withRecord(cluster, at, moved), null)).toContain('I7 tenant_foreign');
  });
});
