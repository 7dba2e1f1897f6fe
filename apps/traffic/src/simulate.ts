import { EventQueue } from './event-queue';
import { fraudPatterns } from './fraud/all-patterns';
import type { FraudPattern } from './fraud/fraud-pattern';
import { errandsOfDay, errandsOfDrop, errandsOfRush } from './genuine/errands';
import { shop, type Errand } from './genuine/shop';
import { reportLabels } from './labels/report-labels';
import {
  payloadOf,
  type PaymentDraft,
  type SimulatedEvent,
  type SimulatedPayment,
  type Truth,
} from './payment';
import { randomOf, type Random } from './random';
import { WEEKDAY_WEIGHTS, World } from './world/world';

const DAY_MS = 86_400_000;
/** Share of fraudulent payments among all, over a long time. */
const FRAUD_SHARE = 0.0125;
/** Customers for each payment of a day: a typical one is seen once in a few weeks, a keen one daily. */
const CUSTOMERS_PER_DAILY_PAYMENT = 20;
const MERCHANT_COUNT = 300;
const RUSH_EVERY_DAYS = 9;
/** Share of all payments that happen in a rush, and in a drop. */
const RUSH_SHARE = 0.2;
const DROP_SHARE = 0.04;
const DROP_SIZE_MEAN = 180;

export interface SimulationOptions {
  readonly seed: number;
  readonly dayCount: number;
  /** ms since epoch, the start of the first day */
  readonly startMs: number;
  /** Payments a day, on average. */
  readonly paymentsPerDay: number;
}

interface Draft {
  readonly draft: PaymentDraft;
  readonly truth: Truth;
}

const GENUINE: Truth = { fraud: false, pattern: null };

/** A world of the size that suits so many payments a day. */
export function worldFor(options: Pick<SimulationOptions, 'seed' | 'startMs' | 'paymentsPerDay'>): World {
  const wanted = Math.round(options.paymentsPerDay * CUSTOMERS_PER_DAILY_PAYMENT);
  return new World({
    seed: options.seed,
    customerCount: Math.min(200_000, Math.max(2_000, wanted)),
    merchantCount: MERCHANT_COUNT,
    originMs: options.startMs,
  });
}

/** Day of the week in UTC, 0 is Monday; 1 January 1970 was a Thursday. */
const weekdayOf = (atMs: number): number => (Math.floor(atMs / DAY_MS) + 3) % 7;

/** What happens on each day, planned in the morning. */
class DayPlan {
  constructor(
    private readonly world: World,
    private readonly options: SimulationOptions,
    private readonly put: (draft: PaymentDraft, truth: Truth) => void,
  ) {}

  plan(dayIndex: number): void {
    const { seed, startMs, paymentsPerDay } = this.options;
    const dayStartMs = startMs + dayIndex * DAY_MS;
    const random = randomOf(seed, 'day', dayIndex);
    const ordinary =
      paymentsPerDay * (1 - RUSH_SHARE - DROP_SHARE - FRAUD_SHARE) * WEEKDAY_WEIGHTS[weekdayOf(dayStartMs)]!;
    this.run(random, errandsOfDay(this.world, random, { dayStartMs, errandCount: random.poisson(ordinary) }));
    for (let drops = random.poisson((paymentsPerDay * DROP_SHARE) / DROP_SIZE_MEAN); drops > 0; drops--) {
      const errandCount = Math.min(600, Math.round(random.logNormal(DROP_SIZE_MEAN * 0.85, 0.55)));
      this.run(
        random,
        errandsOfDrop(this.world, random, { startMs: dayStartMs + random.unit() * DAY_MS, errandCount }),
      );
    }
    // The seventh day of every nine, so that even a short run has one.
    if (dayIndex % RUSH_EVERY_DAYS === 6) this.planRush(random, dayStartMs);
    const frauds = paymentsPerDay * (1 - RUSH_SHARE) * FRAUD_SHARE;
    for (const pattern of fraudPatterns) {
      const attackCount = random.poisson((frauds * pattern.share) / pattern.paymentCountMean);
      for (let i = 0; i < attackCount; i++)
        this.attack(random, pattern, Math.round(dayStartMs + random.unit() * DAY_MS));
    }
  }

  /** For ten to thirty minutes payments come by the second; thieves like a crowd and come with it. */
  private planRush(random: Random, dayStartMs: number): void {
    const errandCount = Math.round(this.options.paymentsPerDay * RUSH_SHARE * RUSH_EVERY_DAYS);
    const lastsMs = random.between(10, 30) * 60_000;
    const startMs = dayStartMs + random.between(8, 20) * 3_600_000;
    this.run(random, errandsOfRush(this.world, random, { startMs, lastsMs, errandCount }));
    for (const pattern of fraudPatterns) {
      const attackCount = random.poisson(
        (errandCount * FRAUD_SHARE * pattern.share) / pattern.paymentCountMean,
      );
      for (let i = 0; i < attackCount; i++)
        this.attack(random, pattern, Math.round(startMs + random.unit() * lastsMs));
    }
  }

  private run(random: Random, errands: readonly Errand[]): void {
    for (const errand of errands) {
      for (const draft of shop(this.world, random, errand)) this.put(draft, GENUINE);
    }
  }

  private attack(random: Random, pattern: FraudPattern, startMs: number): void {
    for (const draft of pattern.plan(this.world, random, startMs))
      this.put(draft, { fraud: true, pattern: pattern.name });
  }
}

/**
 * The stream of so many days, in order of time: payments when they are attempted, labels when they are reported. What
 * would be reported after the last day is not known yet and not told. The same options give the same events.
 */
export function* simulate(
  options: SimulationOptions,
  {
    world = worldFor(options),
    idPrefix = 'ord_',
  }: { readonly world?: World; readonly idPrefix?: string } = {},
): Generator<SimulatedEvent, void, undefined> {
  const queue = new EventQueue<Draft | SimulatedEvent>();
  const day = new DayPlan(world, options, (draft, truth) => queue.put(draft.atMs, { draft, truth }));
  const labelRandom = randomOf(options.seed, 'labels');
  const idRandom = randomOf(options.seed, 'ids');
  let paymentCount = 0;
  for (let dayIndex = 0; dayIndex < options.dayCount; dayIndex++) {
    day.plan(dayIndex);
    const untilMs = options.startMs + (dayIndex + 1) * DAY_MS;
    for (let next = queue.takeBefore(untilMs); next !== undefined; next = queue.takeBefore(untilMs)) {
      if ('type' in next) {
        yield next;
        continue;
      }
      const id = `${idPrefix}${idRandom.token(8)}_${(paymentCount++).toString(36)}`;
      const payment: SimulatedPayment = {
        type: 'transaction',
        atMs: next.draft.atMs,
        body: payloadOf(id, next.draft),
        truth: next.truth,
      };
      yield payment;
      for (const label of reportLabels(labelRandom, payment)) queue.put(label.atMs, label);
    }
  }
}
