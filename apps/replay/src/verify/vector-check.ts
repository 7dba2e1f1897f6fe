import { computeFeatures, featureSet, type EntityRef } from '@veto/features';
import type { RecordedVector } from './decision-spill';
import type { Findings } from './findings';
import type { VectorClaim } from './log-evidence';
import { placeOf } from './place-order';

/** I4: the vector as the payment's place saw it, against the recorded one, bit for bit. */
export function compareVector(
  claim: VectorClaim,
  of: {
    readonly recorded: RecordedVector;
    readonly entities: readonly EntityRef[];
    /** One per entity, in order, as they were before this payment. */
    readonly histories: readonly Uint8Array[];
    readonly findings: Findings;
  },
): void {
  const { transaction, features, truncated } = of.recorded;
  const recomputed = computeFeatures({
    transaction,
    seq: claim.seq,
    histories: of.entities.map(({ kind }, i) => ({ kind, bytes: of.histories[i]! })),
  });
  const differing = featureSet.definitions.flatMap(({ name }, i) => {
    const recorded = features[i] ?? Number.NaN;
    const value = recomputed.values[i]!;
    return Object.is(recorded, value) ? [] : [`${name}: recorded ${recorded}, recomputed ${value}`];
  });
  if (features.length !== featureSet.definitions.length)
    differing.push(`${features.length} features are recorded, there are ${featureSet.definitions.length}`);
  if (truncated.join() !== recomputed.truncated.join())
    differing.push(`truncated: recorded ${truncated.join()}, recomputed ${recomputed.truncated.join()}`);
  if (differing.length > 0)
    of.findings.add('I4', 'vector_differs', claim.id, `${placeOf(claim)}: ${differing.join('; ')}`);
}
