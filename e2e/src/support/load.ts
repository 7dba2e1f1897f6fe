import { aPayment, decide } from './demo-api';

/** What a client wrote down: the id, and the exact bytes it was answered with. */
export interface JournalEntry {
  readonly body: Record<string, unknown>;
  readonly answer: string;
}

/**
 * Closed-loop load: `workerCount` callers, each sending its next payment when it was answered, until `stop` is called
 * or `count` payments were answered. Connection errors are retried with the same body, as a merchant's client does.
 * @param run.at returns the server's address; it may change when the server is restarted
 */
export function startLoad(run: {
  readonly at: () => string;
  readonly prefix: string;
  readonly workerCount: number;
  readonly countMax: number;
}): {
  readonly journal: readonly JournalEntry[];
  readonly failures: readonly string[];
  stop(): Promise<void>;
  readonly done: Promise<void>;
} {
  const journal: JournalEntry[] = [];
  const failures: string[] = [];
  let next = 0;
  let stopped = false;

  const worker = async (): Promise<void> => {
    while (!stopped && next < run.countMax) {
      const i = next++;
      const body = paymentOf(run.prefix, i);
      const answer = await answered(body);
      if (answer !== null) journal.push({ body, answer });
    }
  };

  const answered = async (body: Record<string, unknown>): Promise<string | null> => {
    while (!stopped) {
      const answer = await decide(run.at(), body).catch(() => null);
      if (answer?.status === 200) return answer.text;
      if (answer !== null && answer.status < 500 && answer.status !== 409) {
        failures.push(`${answer.status} ${answer.text}`);
        return null;
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return null;
  };

  const done = Promise.all(Array.from({ length: run.workerCount }, worker)).then(() => undefined);
  return {
    journal,
    failures,
    done,
    stop: async () => {
      stopped = true;
      await done;
    },
  };
}

/** Entities repeat, so that histories grow and features have something to say. */
function paymentOf(prefix: string, i: number): Record<string, unknown> {
  return aPayment({
    transaction: { id: `${prefix}_${i}`, amount: 100 + ((i * 7_919) % 40_000) },
    merchant: { id: `mer_${i % 40}`, country: 'SE' },
    card: {
      fingerprint: `cfp_${(i * 31) % 2_000}`,
      bin: `4571${String(i % 7)}`.padEnd(8, '0'),
      issuer_country: i % 9 === 0 ? 'NG' : 'SE',
    },
    customer: { id: `cus_${(i * 31) % 2_000}`, email: `c${(i * 31) % 2_000}@example.com` },
    device: { fingerprint: `dfp_${(i * 17) % 1_500}` },
    ip: { address: `198.18.${i % 200}.${(i * 13) % 250}`, country: 'SE' },
  });
}
