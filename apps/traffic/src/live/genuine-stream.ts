import { signUpErrand } from '../genuine/errands';
import { shop } from '../genuine/shop';
import type { PaymentDraft } from '../payment';
import { randomOf, type Random } from '../random';
import type { Customer } from '../world/customers';
import type { World } from '../world/world';

/** Whoever has just paid does not come again for so long, however keen. */
const COOL_DOWN_MS = 60 * 60_000;
const PICK_COUNT_MAX = 30;
/** Customers remembered for it; at high rates the cool-down is shorter, not the memory larger. */
const REMEMBERED_COUNT_MAX = 200_000;
const NEWCOMER_SHARE = 0.04;
/** After a standstill no more than this is made up for. */
const CATCH_UP_MS_MAX = 1_000;

/** Genuine payments as they happen: whoever is awake, at random times, at a given rate. */
export class GenuineStream {
  private readonly random: Random;
  private nextAtMs: number;
  private readonly lastPaidAtMs = new Map<number, number>();

  constructor(
    private readonly world: World,
    private readonly options: {
      readonly runId: string;
      readonly startMs: number;
      readonly ratePerSecond: number;
    },
  ) {
    this.random = randomOf(world.seed, 'genuine', options.runId);
    this.nextAtMs = options.startMs;
  }

  /** What those do who begin to pay between the last call and `nowMs`; what follows (a code typed again) is in it. */
  draftsUntil(nowMs: number): PaymentDraft[] {
    this.nextAtMs = Math.max(this.nextAtMs, nowMs - CATCH_UP_MS_MAX);
    const drafts: PaymentDraft[] = [];
    while (this.nextAtMs <= nowMs) {
      const atMs = Math.round(this.nextAtMs);
      const errand = this.random.chance(NEWCOMER_SHARE)
        ? signUpErrand(this.world, this.random, atMs)
        : { customer: this.pickCustomer(atMs), atMs };
      drafts.push(...shop(this.world, this.random, errand));
      this.nextAtMs += this.random.exponential(1_000 / this.options.ratePerSecond);
    }
    return drafts;
  }

  private pickCustomer(atMs: number): Customer {
    // The map is in order of time: the first are the longest ago.
    for (const [number, paidAtMs] of this.lastPaidAtMs) {
      if (paidAtMs > atMs - COOL_DOWN_MS && this.lastPaidAtMs.size < REMEMBERED_COUNT_MAX) break;
      this.lastPaidAtMs.delete(number);
    }
    let customer = this.world.pickActiveCustomer(this.random, atMs);
    for (let attempt = 1; attempt < PICK_COUNT_MAX && this.lastPaidAtMs.has(customer.number); attempt++) {
      customer = this.world.pickActiveCustomer(this.random, atMs);
    }
    this.lastPaidAtMs.delete(customer.number);
    this.lastPaidAtMs.set(customer.number, atMs);
    return customer;
  }
}
