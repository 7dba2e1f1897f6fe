import type {
  FeatureSet,
  FeatureVector,
  LineStage,
  ListHit,
  ModelManifest,
  Policy,
  RecordedRuleHit,
  RecordedScore,
  Transaction,
} from '@veto/domain';
import type { CompiledRuleset } from '@veto/rules';

/** All that a decision depends on. Whoever has this has the decision: `decide` sees nothing else. */
export interface Situation {
  readonly transaction: Transaction;
  readonly featureSet: FeatureSet;
  readonly features: FeatureVector;
  readonly ruleset: CompiledRuleset;
  readonly policy: Policy;
  /** The model that scored, or null when none did. */
  readonly model: ModelManifest | null;
  readonly scored: RecordedScore | null;
  readonly ruleHits: readonly RecordedRuleHit[];
  readonly listHits: readonly ListHit[];
  /** Reviews that waited for an analyst when this was decided. */
  readonly openReviews: number;
  readonly silent: readonly LineStage[];
  /** Cents of the base currency that were approved by default for this tenant lately; see `Policy.fail_open_budget`. */
  readonly failOpenSpent: number;
  readonly decisionId: string;
  readonly decidedAtMs: number;
  readonly timingsMs: Readonly<Record<string, number>>;
}
