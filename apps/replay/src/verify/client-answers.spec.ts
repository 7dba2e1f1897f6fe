import { TOPICS, type StoredLogRecord } from '@veto/domain';
import {
  asClusterLog,
  aVerifiedLog,
  kindsOf,
  sha256,
  verdictsOf,
  verifyThese,
  type VerifiedLog,
} from './a-verified-log.spec-support';

let sound: VerifiedLog;
let cluster: readonly StoredLogRecord[];
let told: { readonly tenant_id: string | undefined; readonly transaction_id: string | undefined };

beforeAll(async () => {
  sound = await aVerifiedLog(20);
  cluster = asClusterLog(sound.records);
  const [tenant_id, transaction_id] = cluster.find(({ topic }) => topic === TOPICS.decisions)!.key.split('|');
  told = { tenant_id, transaction_id };
});

async function found(journalLines: readonly string[]): Promise<string[]> {
  return kindsOf(await verifyThese(cluster, journalLines));
}

describe('what clients were told', () => {
  it('an answer that belongs to another payment', async () => {
    const line = { ...told, at_ms: 1, status: 200, body_sha256: sha256('another body') };
    expect(await found([...sound.journalLines, JSON.stringify(line)])).toEqual([
      'I2 second_truth',
      'I3 answer_differs',
    ]);
  });

  it('an answer to another tenant than the one whose payment it is', async () => {
    const line = { ...told, at_ms: 1, tenant_id: 'ten_c', status: 200 };
    expect(await found([...sound.journalLines, JSON.stringify(line)])).toEqual(['I1 decision_lost']);
  });

  it('memory that grows while a process runs', async () => {
    const samples = Array.from({ length: 30 }, (_, i) =>
      JSON.stringify({ at_ms: i * 1_000, process: 'scorer-1', rss_bytes: 200_000_000 + i * 10_000_000 }),
    );
    const even = samples.map((line) => line.replace(/"rss_bytes":\d+/, '"rss_bytes":300000000'));
    expect(await found([...sound.journalLines, ...samples])).toEqual(['I10 memory_grew']);
    expect(verdictsOf(await verifyThese(cluster, [...sound.journalLines, ...even]))['I10']).toBe('held');
  });
});
