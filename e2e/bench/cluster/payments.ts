import { paymentBody } from '../payment-body.mjs';

/**
 * Payments whose histories, once so many of them were decided, are as after a million: a merchant's are full, those of
 * everybody else hold about 20 records of the last month. There are fewer customers and merchants than a million
 * payments would have, and each as much used.
 */
const CUSTOMER_COUNT = 3_000;
const MERCHANT_COUNT = 211;
const DAY_MS = 24 * 3_600_000;
const FILLING_MS = 30 * DAY_MS;
const MEASURED_MS = 10 * DAY_MS;
const TENANT = 'demo';

/** As many as give each customer his month. */
export const FILLING_COUNT = 60_000;

export interface Payment {
  readonly id: string;
  readonly occurredAtMs: number;
  /** Who pays: no two customers share a card, a device, an address. */
  readonly who: number;
  readonly n: number;
}

/**
 * Payments in the order of their time: a month of filling, then ten days for all that is measured, until now. A burst of
 * the same customers within a minute would be what the rules are there to stop.
 */
export class Timeline {
  readonly #startMs = Date.now() - FILLING_MS - MEASURED_MS;
  readonly #fillingCount: number;
  readonly #measuredCount: number;
  #next = 0;

  constructor(of: { readonly fillingCount: number; readonly measuredCount: number }) {
    this.#fillingCount = of.fillingCount;
    this.#measuredCount = of.measuredCount;
  }

  next(): Payment {
    const n = this.#next++;
    const measured = n - this.#fillingCount;
    const sinceMs =
      measured < 0
        ? (n / this.#fillingCount) * FILLING_MS
        : FILLING_MS + Math.min(1, measured / this.#measuredCount) * MEASURED_MS;
    return {
      id: `pay_${n}`,
      occurredAtMs: Math.floor(this.#startMs + sinceMs),
      who: (n * 7_919) % CUSTOMER_COUNT,
      n,
    };
  }
}

/** `tenant|card`, as the topic of payments is keyed. */
export function keyOf({ who }: Payment): string {
  return `${TENANT}|cfp_${who}`;
}

/** The JSON that a merchant sends. */
export function bodyOf(payment: Payment): string {
  return paymentBody({ ...payment, merchantCount: MERCHANT_COUNT });
}
