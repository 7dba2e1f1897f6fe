import { VetoError, type LineStage } from '@veto/domain';
import type { Line } from './line';

/** Share of what is left of the deadline that the model may use; the rest is for the store and the log. */
export const MODEL_SHARE = 0.5;

/** What the model said of one payment, or who was silent. */
export type ModelWord = { readonly score: number } | { readonly silent: readonly LineStage[] };

const MODEL_SILENT: ModelWord = { silent: ['model'] };
const DEADLINE_PASSED: ModelWord = { silent: ['model', 'deadline'] };

/** A payment's features and what is left of its deadline, in ms; ≤ 0 = passed. */
export interface Question {
  readonly vector: Float64Array;
  readonly leftMs: number;
}

/**
 * Asks the model about a batch, and waits no longer than the most hurried of those that still have time. A payment
 * whose deadline has passed is not asked about; a model that fails, is late, or answers with no probability is silent.
 */
export async function scoreWithDeadline(
  line: Line,
  questions: readonly Question[],
): Promise<readonly ModelWord[]> {
  const asked = questions.filter(({ leftMs }) => leftMs > 0);
  const leftMs = asked.reduce((least, question) => Math.min(least, question.leftMs), Infinity);
  const scores =
    line.scorer === null || asked.length === 0
      ? null
      : await answerWithin(line.scorer, asked, leftMs * MODEL_SHARE);
  let next = 0;
  return questions.map((question) => {
    if (question.leftMs <= 0) return DEADLINE_PASSED;
    const score = scores?.[next++];
    return score !== undefined && score >= 0 && score <= 1 ? { score } : MODEL_SILENT;
  });
}

async function answerWithin(
  scorer: NonNullable<Line['scorer']>,
  asked: readonly Question[],
  budgetMs: number,
): Promise<Float64Array | null> {
  const answer = scorer.score(asked.map(({ vector }) => vector)).catch(silentOrThrow);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), Math.max(1, budgetMs));
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** A model that cannot answer is silent; anything else is our own mistake. */
function silentOrThrow(error: unknown): null {
  if (error instanceof VetoError) return null;
  throw error;
}
