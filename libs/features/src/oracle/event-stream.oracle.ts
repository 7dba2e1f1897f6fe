import { transactionOf, transactionPayloadSchema, type TenantId } from '@veto/domain';
import { WINDOWS } from '../windows';
import { SmallStore, type EventStream } from './small-store.oracle';

/** Numbers from which a stream is made, one choice each; shrinking them shrinks the stream. */
interface Choices {
  number(): number;
  pick<T>(options: readonly T[]): T;
}

/** Choices from a list of numbers; 0, the dullest choice, when they are used up. */
class ListedChoices implements Choices {
  #next = 0;
  constructor(readonly numbers: readonly number[]) {}

  get left(): boolean {
    return this.#next < this.numbers.length;
  }

  number(): number {
    return this.numbers[this.#next++] ?? 0;
  }

  pick<T>(options: readonly T[]): T {
    return options[this.number() % options.length]!;
  }
}

/** Endless choices from a seed, by a multiplicative generator modulo 2^31 − 1 (Park and Miller). */
class SeededChoices implements Choices {
  #state: number;
  constructor(seed: number) {
    this.#state = (seed % 2_147_483_646) + 1;
  }

  number(): number {
    this.#state = (this.#state * 48_271) % 2_147_483_647;
    return this.#state;
  }

  pick<T>(options: readonly T[]): T {
    return options[this.number() % options.length]!;
  }
}

const START_MS = Date.UTC(2026, 7, 24, 6, 59, 59, 999);

/** Every window's edge, one ms inside it and one outside. */
const EDGES_MS = WINDOWS.flatMap(({ ms }) => [ms, ms - 1, ms + 1]);
/** From one event to the next: the same millisecond, a second, an edge; backwards: a late event. */
const STEPS_MS = [
  0,
  0,
  0,
  0,
  1,
  1000,
  1000,
  1000,
  -1,
  -1000,
  ...EDGES_MS,
  ...EDGES_MS.slice(0, 9),
  ...EDGES_MS.map((ms) => -ms),
];
const LABEL_DELAYS_MS = [0, 1000, 3_600_000, -1, ...EDGES_MS];

const AMOUNTS = [1000, 0, 1, 499, 500, 501, 12_990, 22_001, 4_000_000, 94_906_267, 99_999_999_999];
const OPTIONAL_COUNTRIES = ['SE', undefined, 'DE', 'ZZ'];

function payloadOf(id: string, occurredAtMs: number, choices: Choices): unknown {
  const card = choices.pick(['a', 'b', 'a', undefined]);
  return {
    transaction: {
      id,
      occurred_at: new Date(occurredAtMs).toISOString(),
      amount: choices.pick([...AMOUNTS, choices.number() % 100_000]),
      currency: choices.pick(['EUR', 'EUR', 'JPY', 'KWD', 'USD']),
      channel: choices.pick(['ecommerce', 'pos', 'atm', 'moto', 'in_app']),
      mcc: choices.pick([undefined, '0000', '5732', '6051', '9999']),
      initiator: choices.pick(['customer', 'merchant']),
    },
    merchant: choices.pick([true, true, true, undefined]) && {
      id: choices.pick(['m', 'n']),
      country: choices.pick(OPTIONAL_COUNTRIES),
    },
    card: card && {
      fingerprint: card,
      bin: choices.pick(['457173', '45717360', undefined]),
      funding: choices.pick([undefined, 'prepaid', 'credit', 'unknown']),
      issuer_country: choices.pick(OPTIONAL_COUNTRIES),
    },
    checks: {
      avs_result: choices.pick([null, 'N', 'Y', 'A', 'U']),
      cvv_result: choices.pick([null, 'N', 'M', 'U']),
    },
    three_ds: choices.pick([undefined, { trans_status: 'Y' }, { trans_status: 'A' }, {}]),
    customer: {
      id: choices.pick(['c', 'd', undefined]),
      email: choices.pick([undefined, 'a@b.example', 'A@b.example', 'jo99@x.mailinator.com']),
      created_at: choices.pick([undefined, '2026-08-24T06:59:59.998Z', '2030-01-01T00:00:00Z']),
    },
    billing_address: {
      country: choices.pick(OPTIONAL_COUNTRIES),
      postal_code: choices.pick([undefined, '111 22']),
    },
    shipping_address: {
      country: choices.pick(OPTIONAL_COUNTRIES),
      postal_code: choices.pick([undefined, '11122', '9']),
    },
    device: { fingerprint: choices.pick(['e', 'f', undefined]) },
    ip: choices.pick([true, true, true, undefined]) && {
      address: choices.pick(['203.0.113.7', '198.51.100.1', '2001:db8::1', '2001:DB8::2']),
      country: choices.pick(OPTIONAL_COUNTRIES),
    },
  };
}

function pay(store: SmallStore, occurredAtMs: number, choices: Choices): void {
  const payload = transactionPayloadSchema.parse(payloadOf(`t${store.events.length}`, occurredAtMs, choices));
  store.pay(transactionOf(payload, { tenantId: 'tenant' as TenantId, receivedAtMs: occurredAtMs }));
}

function label(store: SmallStore, nowMs: number, choices: Choices): void {
  const { transaction } = choices.pick(store.begun);
  store.label(transaction, {
    transactionId: transaction.id,
    occurredAtMs: transaction.occurredAtMs,
    amountBaseMinor: transaction.amountBaseMinor,
    reportedAtMs: Math.max(
      0,
      choices.pick([transaction.occurredAtMs, nowMs, nowMs]) + choices.pick(LABEL_DELAYS_MS),
    ),
    verdict: choices.pick(['fraud', 'legit']),
  });
}

/**
 * A stream of payments and labels made from numbers: late, out of order, of the same millisecond, on the edges of the
 * windows, with labels that come in several deliveries and contradict each other. A payment delivered twice is taken
 * in once, because its id is claimed; its second delivery is the same payment begun again at the same seq.
 */
export function eventStreamOf(numbers: readonly number[]): EventStream {
  const choices = new ListedChoices(numbers);
  const store = new SmallStore();
  let nowMs = START_MS;
  while (choices.left) {
    const fromMs = choices.pick([nowMs, nowMs, choices.pick(store.begun)?.transaction.occurredAtMs ?? nowMs]);
    nowMs = Math.max(START_MS, fromMs + choices.pick(STEPS_MS));
    const action = choices.pick(['pay', 'pay', 'pay', 'label', 'label', 'again'] as const);
    if (action === 'pay' || store.begun.length === 0) pay(store, nowMs, choices);
    else if (action === 'label') label(store, nowMs, choices);
    else store.begun.push(choices.pick(store.begun));
  }
  return store;
}

/**
 * A stream that fills histories beyond what a reader looks at, `stepMs` from one event to the next.
 * @param options.lateShare one in so many comes `lateMs` late; 0: all come in order of time
 */
export function crowdedStreamOf(options: {
  readonly seed: number;
  readonly count: number;
  readonly stepMs: number;
  readonly lateShare: number;
  readonly lateMs: number;
}): EventStream {
  const choices = new SeededChoices(options.seed);
  const store = new SmallStore();
  const startMs = START_MS + options.lateMs;
  for (let i = 0; i < options.count; i++) {
    const isLate = options.lateShare > 0 && choices.number() % options.lateShare === 0;
    const nowMs = startMs + i * options.stepMs - (isLate ? options.lateMs : 0);
    if (i % 6 === 5) label(store, nowMs, choices);
    else pay(store, nowMs, choices);
  }
  return store;
}
