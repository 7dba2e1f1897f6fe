import { VetoError } from '@veto/domain';

/** The refusal to load an artifact; the sentence says which file and what differs. */
export function refusal(sentence: string, cause?: unknown): VetoError {
  return new VetoError('model_rejected', sentence, cause === undefined ? {} : { cause });
}

/** @throws VetoError model_rejected when `condition` does not hold */
export function demand(condition: unknown, sentence: string): asserts condition {
  if (!condition) throw refusal(sentence);
}
