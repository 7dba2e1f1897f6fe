import { TOPICS, type LogRecord } from '@veto/domain';
import { aScorer } from './a-line.spec-support';
import { anInstance, type Instance, type SharedParts } from './an-instance.spec-support';
import type { Arrival, Scored } from './line';
import { scoreTransactions } from './score-transaction';

/**
 * Two instances that never agree about a payment by themselves. Their stopwatch stands still, so that no deadline passes,
 * however slow the machine is.
 */
export async function twoThatDisagree(
  shared: SharedParts,
): Promise<readonly [mild: Instance, strict: Instance]> {
  const stopwatch = (): number => 0;
  return [
    await anInstance(shared, { scorer: aScorer(() => 0.001), stopwatch }),
    await anInstance(shared, { scorer: aScorer(() => 0.97), stopwatch }),
  ];
}

export async function scoredBy({ line }: Instance, arrival: Arrival): Promise<Scored> {
  const [scored] = await scoreTransactions(line, [arrival]);
  return scored!;
}

/** What a client is told, or why there is no decision. */
export function bodyOf(scored: Scored | undefined): string {
  return scored?.status === 'decided' ? scored.body : (scored?.status ?? 'nothing');
}

export async function decisionsOn({ log }: SharedParts): Promise<readonly LogRecord[]> {
  const { records } = await log.read({ after: -1, recordCountMax: 10_000, topics: [TOPICS.decisions] });
  return records;
}

/** For a sweep that may make no mistake. */
export function failOn(_: unknown, mistake: unknown): never {
  throw mistake;
}
