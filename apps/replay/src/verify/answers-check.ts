import type { ClientJournal } from './client-journal';
import type { Findings } from './findings';
import type { LogEvidence } from './log-evidence';

export interface AnswersChecked {
  /** Ids that were promised something. */
  readonly promisedCount: number;
  /** Bodies that clients hold, against the log. */
  readonly comparedCount: number;
  /** Automatic decisions that came second, with other bytes. */
  readonly voidCount: number;
  /** Copies of a decision, byte for byte. */
  readonly copyCount: number;
}

/** I1, I2 and I3: what was promised is there, once, and is what was answered. @param journal null = only the log is looked at */
export function checkAnswers(
  evidence: LogEvidence,
  journal: ClientJournal | null,
  findings: Findings,
): AnswersChecked {
  for (const id of evidence.mentioned)
    if (!evidence.decisions.has(id))
      findings.add(
        'I1',
        'payment_lost',
        id,
        'a label or a revision speaks of it, and the log has no decision',
      );
  const compared = journal === null ? { comparedCount: 0 } : compareAnswers(evidence, journal, findings);
  let voidCount = 0;
  let copyCount = 0;
  for (const decision of evidence.decisions.values()) {
    voidCount += decision.voids?.length ?? 0;
    copyCount += decision.copyCount;
  }
  return { promisedCount: journal?.told.size ?? 0, ...compared, voidCount, copyCount };
}

function compareAnswers(
  evidence: LogEvidence,
  journal: ClientJournal,
  findings: Findings,
): { readonly comparedCount: number } {
  let comparedCount = 0;
  for (const [id, { promisedCount, bodies }] of journal.told) {
    const decision = evidence.decisions.get(id);
    if (decision === undefined) {
      findings.add('I1', 'decision_lost', id, `was promised ${promisedCount} times, and is not on the log`);
      continue;
    }
    for (const [hash, count] of bodies ?? []) {
      comparedCount++;
      if (hash === decision.bodyHash) continue;
      if (decision.voids?.some(({ bodyHash }) => bodyHash === hash) === true)
        findings.add('I2', 'void_answered', id, `a void decision was answered ${count} times`);
      else findings.add('I3', 'answer_differs', id, `${count} answers are not the decision on the log`);
    }
    if ((bodies?.size ?? 0) > 1)
      findings.add('I2', 'second_truth', id, `clients hold ${bodies?.size} different answers`);
  }
  return { comparedCount };
}
