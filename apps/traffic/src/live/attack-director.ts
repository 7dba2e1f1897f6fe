import { fraudPatterns } from '../fraud/all-patterns';
import type { PaymentDraft, Pattern } from '../payment';
import { randomOf } from '../random';
import type { World } from '../world/world';

const FIRST_ATTACK_MS = { from: 4_000, to: 12_000 };
const NEXT_ATTACK_MS = { from: 20_000, to: 60_000 };
/** What takes hours or weeks in life is over in so many ms here; what takes seconds is left as it is. */
const ATTACK_SPAN_MS = { from: 12_000, to: 45_000 };
/** Share of the attacks that begin together with another. */
const DOUBLE_SHARE = 0.25;

/** An attack about to begin. */
export interface LiveAttack {
  readonly pattern: Pattern;
  /** In order of time. */
  readonly drafts: readonly PaymentDraft[];
  readonly endsAtMs: number;
}

export interface AttackDirectorOptions {
  readonly world: World;
  /** Tells one run from another, so that a second run does not attack with cards that were blocked in the first. */
  readonly runId: string;
  readonly startMs: number;
  /** Most payments of one attack. */
  readonly paymentCountMax: number;
}

/**
 * Decides when which attack begins: the first within seconds, then one or two every 20 to 60 s, in turn, so that whoever
 * watches for a few minutes has seen every pattern.
 */
export class AttackDirector {
  private nextAtMs: number;
  private attackCount = 0;
  private readonly random;

  constructor(private readonly options: AttackDirectorOptions) {
    this.random = randomOf(options.world.seed, 'attacks', options.runId);
    this.nextAtMs = options.startMs + this.random.between(FIRST_ATTACK_MS.from, FIRST_ATTACK_MS.to);
  }

  /** The attacks that begin now; none at most times. */
  attacksAt(nowMs: number): readonly LiveAttack[] {
    if (nowMs < this.nextAtMs) return [];
    this.nextAtMs = nowMs + this.random.between(NEXT_ATTACK_MS.from, NEXT_ATTACK_MS.to);
    const wanted = this.random.chance(DOUBLE_SHARE) ? 2 : 1;
    return Array.from({ length: wanted }, () => this.nextAttack(nowMs)).filter((attack) => attack !== null);
  }

  /** The next pattern in turn for which the world has a victim. */
  private nextAttack(nowMs: number): LiveAttack | null {
    for (let attempt = 0; attempt < fraudPatterns.length; attempt++) {
      const pattern = fraudPatterns[this.attackCount++ % fraudPatterns.length]!;
      const planned = [...pattern.plan(this.options.world, this.random, nowMs)].sort(
        (a, b) => a.atMs - b.atMs,
      );
      if (planned.length > 0) {
        const drafts = this.hastened(planned.slice(0, this.options.paymentCountMax), nowMs);
        return { pattern: pattern.name, drafts, endsAtMs: drafts.at(-1)!.atMs };
      }
    }
    return null;
  }

  private hastened(drafts: readonly PaymentDraft[], nowMs: number): PaymentDraft[] {
    const firstAtMs = drafts[0]!.atMs;
    const spanMs = drafts.at(-1)!.atMs - firstAtMs;
    const factor = Math.min(
      1,
      this.random.between(ATTACK_SPAN_MS.from, ATTACK_SPAN_MS.to) / Math.max(1, spanMs),
    );
    return drafts.map((draft) => ({ ...draft, atMs: Math.round(nowMs + (draft.atMs - firstAtMs) * factor) }));
  }
}
