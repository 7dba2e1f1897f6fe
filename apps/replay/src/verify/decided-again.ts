import { fingerprintOf, replayDecision, startingPolicy } from '@veto/decision';
import type { DecisionRecord, ModelManifest } from '@veto/domain';
import { featureSet } from '@veto/features';
import { compileRuleset, startingRules } from '@veto/rules';
import type { Findings } from './findings';

/** Decides every decision again from its own record, and looks at whether the record is of one payment throughout. */
export class DecidedAgain {
  /** Decisions that were decided again and compared. */
  count = 0;
  /** Decisions whose rules, policy or model are not those of this program. */
  otherVersionCount = 0;
  /** Decisions on a process's own histories, since the shared state did not answer. */
  localCount = 0;
  readonly #ruleset = compileRuleset(startingRules, featureSet);
  readonly #model: ModelManifest | null;
  readonly #findings: Findings;

  constructor(of: { readonly model: ModelManifest | null; readonly findings: Findings }) {
    this.#model = of.model;
    this.#findings = of.findings;
  }

  examine(record: DecisionRecord, id: string): void {
    this.#examineIdentity(record, id);
    if (record.silent.includes('histories')) this.localCount++;
    const { ruleset_hash: rulesetHash, policy, model, features_hash: featuresHash } = record.decision;
    const isSameModel = model === null || model.sha256 === this.#model?.files.model.sha256;
    const isSame =
      rulesetHash === this.#ruleset.hash && policy.version === startingPolicy.version && isSameModel;
    if (!isSame || featuresHash !== featureSet.hash) {
      this.otherVersionCount++;
      return;
    }
    this.count++;
    const { identical, differences } = replayDecision(record, {
      ruleset: this.#ruleset,
      policy: startingPolicy,
      featureSet,
      model: this.#model,
    });
    if (identical) return;
    const differing = differences.map(
      ({ pointer, recorded, replayed }) =>
        `${pointer}: recorded ${JSON.stringify(recorded)}, replayed ${JSON.stringify(replayed)}`,
    );
    this.#findings.add(
      'I4',
      'decision_differs',
      id,
      differing.join('; ') || 'the same members in another order',
    );
  }

  #examineIdentity(record: DecisionRecord, id: string): void {
    const own = `${record.tenant_id}|${record.decision.transaction_id}`;
    const paid = `${record.tenant_id}|${record.transaction.transaction.id}`;
    if (own !== id || paid !== id)
      this.#findings.add(
        'I7',
        'tenant_foreign',
        id,
        `the record under this key decides ${own}, for the payment ${paid}`,
      );
    if (fingerprintOf(record.transaction) !== record.fingerprint)
      this.#findings.add(
        'I2',
        'fingerprint_differs',
        id,
        'the recorded payment is not the one whose fingerprint is recorded',
      );
  }
}
