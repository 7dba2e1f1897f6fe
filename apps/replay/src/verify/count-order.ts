import { HISTORY_RECORD_COUNT_MAX, type EntityKind } from '@veto/domain';
import { featureSet } from '@veto/features';
import type { RecordedVector } from './decision-spill';
import type { Findings } from './findings';

const DAY_MS = 24 * 3_600_000;
/** Counts that a finding shows. */
const SHOWN_COUNT_MAX = 20;

interface CountFeature {
  readonly index: number;
  readonly windowMs: number;
}

/** For each kind of entity the count of its payments over the widest window of at most a day. */
const COUNT_FEATURES: ReadonlyMap<EntityKind, CountFeature> = countFeatures();

function countFeatures(): Map<EntityKind, CountFeature> {
  const found = new Map<EntityKind, CountFeature>();
  featureSet.definitions.forEach(({ name, entity, windowMs }, index) => {
    if (entity === null || windowMs === null || windowMs > DAY_MS) return;
    if (!new RegExp(`^${entity}_count_[0-9]+[mhd]$`).test(name)) return;
    if ((found.get(entity)?.windowMs ?? 0) < windowMs) found.set(entity, { index, windowMs });
  });
  return found;
}

/** The counts that an entity's payments saw. */
interface Line {
  readonly firstMs: number;
  lastMs: number;
  readonly seen: number[];
  /** False when something else touched the entity, or a payment lies outside the window or back in time: then the counts need not be 0 … n − 1. */
  canBeLinedUp: boolean;
}

/** One payment's effect, in order of seq. */
export interface CountedPayment {
  readonly entityKeys: readonly string[];
  /** For each entity, whether anything touched it before. */
  readonly hadPast: readonly boolean[];
  /** What was recorded of the payment; null when its vector is not that of this place. */
  readonly recorded: RecordedVector | null;
}

/**
 * I6: of n payments on an entity whose past was empty, all within one window and each at or after the one before it,
 * one saw 0 before it, one 1, … and one n − 1. It looks at recorded counts only, and needs no histories.
 */
export class CountOrder {
  readonly #lines = new Map<string, Line>();

  note({ entityKeys, hadPast, recorded }: CountedPayment): void {
    entityKeys.forEach((key, i) => {
      const feature = COUNT_FEATURES.get(kindOf(key));
      if (feature === undefined) return;
      const count = recorded?.features[feature.index] ?? Number.NaN;
      const atMs = recorded?.transaction.occurredAtMs ?? Number.NaN;
      const line = this.#lines.get(key);
      if (line === undefined) {
        const canBeLinedUp = recorded !== null && hadPast[i] === false;
        this.#lines.set(key, { firstMs: atMs, lastMs: atMs, seen: [count], canBeLinedUp });
        return;
      }
      const isInWindow = atMs >= line.lastMs && atMs - line.firstMs <= feature.windowMs;
      if (!isInWindow || line.seen.length === HISTORY_RECORD_COUNT_MAX) line.canBeLinedUp = false;
      line.lastMs = atMs;
      if (line.canBeLinedUp) line.seen.push(count);
    });
  }

  finish(findings: Findings): { readonly entityCount: number; readonly paymentCount: number } {
    let entityCount = 0;
    let paymentCount = 0;
    for (const [key, { seen, canBeLinedUp }] of this.#lines) {
      if (!canBeLinedUp || seen.length < 2) continue;
      entityCount++;
      paymentCount += seen.length;
      const sorted = Float64Array.from(seen).sort();
      const at = sorted.findIndex((count, i) => count !== i);
      if (at >= 0)
        findings.add(
          'I6',
          'counts_repeat',
          key,
          `of its ${seen.length} payments none saw ${at} before it; in order they saw ${seen.slice(0, SHOWN_COUNT_MAX).join(', ')}`,
        );
    }
    return { entityCount, paymentCount };
  }
}

/** `<tenant>|<kind>:<value>` */
function kindOf(entityKey: string): EntityKind {
  const from = entityKey.indexOf('|') + 1;
  return entityKey.slice(from, entityKey.indexOf(':', from)) as EntityKind;
}
