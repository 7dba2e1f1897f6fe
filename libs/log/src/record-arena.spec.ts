import { TOPICS, type StoredLogRecord } from '@veto/domain';
import { RecordArena } from './record-arena';

function aRecord(i: number): StoredLogRecord {
  const value = new TextEncoder().encode('é'.repeat(i % 7) + String(i));
  const record = {
    topic: TOPICS.decisions,
    key: `tenant|é${i}`,
    value,
    position: 2 * i,
    appendedAtMs: 1_000 + i,
  };
  const applied = new TextEncoder().encode('ü'.repeat(i % 5));
  return i % 2 === 0 ? record : { ...record, topic: TOPICS.labels, seq: i, epoch: 1, applied };
}

const plain = (record: StoredLogRecord): unknown => ({
  ...record,
  value: [...record.value],
  applied: record.applied && [...record.applied],
});

describe('records packed in an arena', () => {
  it('come back as they were added, with and without seq and applied event, also after its tables have grown', () => {
    const arena = new RecordArena();
    for (let i = 0; i < 3_000; i++) arena.add(aRecord(i));
    expect(arena).toHaveLength(3_000);
    for (const i of [0, 1, 1_023, 1_024, 2_999]) expect(plain(arena.at(i))).toEqual(plain(aRecord(i)));
    expect([arena.positionAt(5), arena.topicAt(5)]).toEqual([10, TOPICS.labels]);
  });

  it('may be larger than a block', () => {
    const arena = new RecordArena();
    arena.add(aRecord(0));
    arena.add({ ...aRecord(2), value: new Uint8Array(40 * 1024 * 1024).fill(7) });
    arena.add(aRecord(4));
    expect(arena.at(1).value).toHaveLength(40 * 1024 * 1024);
    expect([arena.at(1).value[0], arena.at(1).value.at(-1)]).toEqual([7, 7]);
    expect([arena.at(0), arena.at(2)].map(plain)).toEqual([aRecord(0), aRecord(4)].map(plain));
  });
});
