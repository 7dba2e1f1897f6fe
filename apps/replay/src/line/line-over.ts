import { createFailOpenBook, createListBook, startingPolicy, type Line } from '@veto/decision';
import { featureSet } from '@veto/features';
import { compileRuleset, startingRules } from '@veto/rules';

/** A deadline that nobody reaches: what is decided here must not depend on this machine's speed. */
const NO_DEADLINE_MS = 24 * 3_600_000;

/** The line that a fresh server has, with its rules, policy and empty lists, over these parts. */
export function lineOver(parts: Pick<Line, 'store' | 'log' | 'clock' | 'scorer'>): Line {
  return {
    ...parts,
    featureSet,
    ruleset: compileRuleset(startingRules, featureSet),
    policy: startingPolicy,
    lists: createListBook(),
    openReviews: () => 0,
    failOpen: createFailOpenBook(),
    stopwatch: () => performance.now(),
    deadlineMs: NO_DEADLINE_MS,
  };
}
