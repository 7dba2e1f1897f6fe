import { INVARIANTS, type Finding, type Findings, type Invariant } from './findings';

export type Verdict = 'held' | 'broken' | 'not_checked' | 'not_applicable';

/** What was looked at for one invariant, before the findings are counted. */
export interface Looked {
  /** How many things were looked at; with 0 nothing was checked. */
  readonly checkedCount: number;
  /** What was looked at, in words. */
  readonly says: string;
  /** Why it cannot be checked, or not for all; null = it was. */
  readonly notChecked?: string | null;
  readonly notApplicable?: string;
}

export interface InvariantReport {
  readonly invariant: Invariant;
  readonly promise: string;
  readonly verdict: Verdict;
  readonly finding_count: number;
  readonly checked_count: number;
  readonly says: string;
}

const PROMISES: Readonly<Record<Invariant, string>> = {
  I1: 'nothing is lost',
  I2: 'one payment, one decision',
  I3: 'clients were told what is on the log',
  I4: 'every vector and decision recomputes',
  I5: 'entities add up to their events',
  I6: 'counts have no races',
  I7: 'tenants never meet',
  I8: 'the audit chain verifies',
  I9: 'no place in the order is missing',
  I10: 'memory is bounded',
};

export interface VerifyReport {
  readonly decisions: number;
  readonly labels: number;
  readonly revisions: number;
  /** Payments with a place and no decision. */
  readonly undecided: number;
  readonly local: number;
  readonly other_versions: number;
  readonly voids: number;
  readonly difference_count: number;
  readonly invariants: readonly InvariantReport[];
  readonly findings: readonly Finding[];
  /** SHA-256 over the histories of the state as the log has it. */
  readonly digest: string;
  readonly seconds: number;
}

export function invariantReports(
  looked: Readonly<Record<Invariant, Looked>>,
  findings: Findings,
): InvariantReport[] {
  return INVARIANTS.map((invariant) => {
    const { checkedCount, says, notChecked, notApplicable } = looked[invariant];
    const findingCount = findings.countOf(invariant);
    return {
      invariant,
      promise: PROMISES[invariant],
      verdict: verdictOf({ findingCount, checkedCount, notChecked, notApplicable }),
      finding_count: findingCount,
      checked_count: checkedCount,
      says: notApplicable ?? (notChecked == null ? says : `${says}; ${notChecked}`),
    };
  });
}

/** A finding breaks an invariant whatever else could be looked at; nothing looked at is never a pass. */
function verdictOf(of: {
  readonly findingCount: number;
  readonly checkedCount: number;
  readonly notChecked: string | null | undefined;
  readonly notApplicable: string | undefined;
}): Verdict {
  if (of.findingCount > 0) return 'broken';
  if (of.notApplicable !== undefined) return 'not_applicable';
  return of.checkedCount === 0 || of.notChecked != null ? 'not_checked' : 'held';
}

const VERDICT_WORDS: Readonly<Record<Verdict, string>> = {
  held: 'held',
  broken: 'BROKEN',
  not_checked: 'not checked',
  not_applicable: 'not applicable',
};

/** What the verifier prints: the first findings, a line for each invariant, and the sum. */
export function reportLines(report: VerifyReport): string[] {
  const findings = report.findings.map(
    ({ invariant, kind, subject, says }) => `${invariant} ${kind}: ${subject}: ${says}`,
  );
  const invariants = report.invariants.map(({ invariant, verdict, promise, finding_count: count, says }) => {
    const found = count === 0 ? '' : `${count} found; `;
    return `${invariant.padEnd(4)}${VERDICT_WORDS[verdict].padEnd(16)}${promise}: ${found}${says}`;
  });
  const { decisions, labels, revisions, undecided, local, other_versions: others, voids } = report;
  const more = [
    local === 0 ? '' : `, ${local} on own histories`,
    voids === 0 ? '' : `, ${voids} void`,
    others === 0 ? '' : `, ${others} by other rules, policy or model (features compared only)`,
  ].join('');
  return [
    ...findings,
    ...invariants,
    `${decisions} decisions, ${labels} labels, ${revisions} revisions, ${undecided} undecided${more}: ` +
      `${report.difference_count} differences, in ${report.seconds.toFixed(1)} s. State ${report.digest}`,
  ];
}
