import type { Outcome, OutcomeThresholds, Policy } from '@veto/domain';

/** No score reaches it: the outcome is never the cheapest. */
export const NEVER = 1.01;

/** Expected cost of an outcome in cents, as a line over the probability of fraud: `ifGenuine + p · (ifFraud − ifGenuine)`. */
export interface OutcomeCost {
  readonly outcome: Outcome;
  readonly ifGenuine: number;
  readonly ifFraud: number;
}

/** The cost of each outcome for one amount, in ascending precedence. */
export function outcomeCosts(policy: Policy, amountBaseMinor: number): readonly OutcomeCost[] {
  const { costs } = policy;
  const fraudLoss = amountBaseMinor + costs.chargeback_fee;
  const refusalLoss = amountBaseMinor * costs.margin_share + costs.insult;
  return [
    { outcome: 'approve', ifGenuine: 0, ifFraud: fraudLoss },
    {
      outcome: 'challenge',
      ifGenuine: costs.challenge_abandon_share * refusalLoss,
      ifFraud: costs.challenge_miss_share * fraudLoss,
    },
    {
      outcome: 'review',
      ifGenuine: costs.review + costs.review_abandon_share * refusalLoss,
      ifFraud: costs.review + costs.review_miss_share * fraudLoss,
    },
    { outcome: 'block', ifGenuine: refusalLoss, ifFraud: 0 },
  ];
}

/** The probability from which `stricter` costs less than `milder`; 0 when it always does, `NEVER` when it never does. */
function crossing(milder: OutcomeCost, stricter: OutcomeCost): number {
  const dearerIfGenuine = stricter.ifGenuine - milder.ifGenuine;
  const cheaperIfFraud = milder.ifFraud - stricter.ifFraud;
  if (cheaperIfFraud <= 0) return NEVER;
  if (dearerIfGenuine <= 0) return 0;
  return dearerIfGenuine / (dearerIfGenuine + cheaperIfFraud);
}

/** The lower envelope of the lines in this order: each outcome that is ever the cheapest, and from where. */
function envelope(
  costs: readonly OutcomeCost[],
): readonly { readonly cost: OutcomeCost; readonly from: number }[] {
  const hull: { cost: OutcomeCost; from: number }[] = [];
  for (const cost of costs) {
    let from = hull.length === 0 ? 0 : NEVER;
    for (let last = hull.at(-1); last !== undefined; last = hull.at(-1)) {
      from = crossing(last.cost, cost);
      if (from > last.from || hull.length === 1) break;
      hull.pop();
    }
    if (from < NEVER) hull.push({ cost, from });
  }
  return hull;
}

/**
 * Without a misfit: an outcome that stops less fraud than a milder one, so that it would be the better choice at lower
 * scores than the milder. Outcomes grow stricter with the score, so of such a pair the one stays that is cheaper where
 * approving and blocking cost the same.
 */
function withoutMisfit(costs: readonly OutcomeCost[]): readonly OutcomeCost[] {
  const [approve, challenge, review, block] = costs;
  if (approve === undefined || challenge === undefined || review === undefined || block === undefined)
    return costs;
  const steepness = (cost: OutcomeCost): number => cost.ifFraud - cost.ifGenuine;
  if (steepness(review) < steepness(challenge)) return costs;
  const p = crossing(approve, block);
  const at = (cost: OutcomeCost): number => cost.ifGenuine + p * (cost.ifFraud - cost.ifGenuine);
  return [approve, at(challenge) <= at(review) ? challenge : review, block];
}

/** Up to the next 0.0001: the lowest score, as printed, from which the outcome is the cheapest. */
const printed = (probability: number): number =>
  probability >= NEVER ? NEVER : Math.ceil(probability * 10_000 - 1e-6) / 10_000;

/**
 * Scores from which each outcome is the cheapest for this amount: the crossing points of the lower envelope of four
 * straight lines. Ordered challenge ≤ review ≤ block; an outcome that is never the cheapest has the threshold of the
 * next stricter one, and `NEVER` when there is none.
 * @param amountBaseMinor cents of the base currency, ≥ 0
 * @param options.reviewPossible false when no analyst has time for another review
 */
export function outcomeThresholds(
  policy: Policy,
  amountBaseMinor: number,
  options: { readonly reviewPossible: boolean } = { reviewPossible: true },
): OutcomeThresholds {
  const all = outcomeCosts(policy, amountBaseMinor);
  const usable = options.reviewPossible
    ? withoutMisfit(all)
    : all.filter(({ outcome }) => outcome !== 'review');
  const hull = envelope(usable);
  const fromOf = (outcome: Outcome): number | null =>
    hull.find(({ cost }) => cost.outcome === outcome)?.from ?? null;
  const block = printed(fromOf('block') ?? NEVER);
  const review = Math.min(printed(fromOf('review') ?? NEVER), block);
  const challenge = Math.min(printed(fromOf('challenge') ?? NEVER), review);
  return { challenge, review, block };
}

/** The strictest outcome whose threshold the score reaches. */
export function outcomeAt(thresholds: OutcomeThresholds, score: number): Outcome {
  if (score >= thresholds.block) return 'block';
  if (score >= thresholds.review) return 'review';
  return score >= thresholds.challenge ? 'challenge' : 'approve';
}
