import { VetoError } from '@veto/domain';
import type { Arrival, Scored } from '../line';
import { recordLabel } from '../record-label';
import type { Chance } from './chance.spec-support';
import { Journal, keyOf, START_MS, type LabelSent, type Payment } from './journal.spec-support';
import type { Running, SimInstance } from './sim-instance.spec-support';
import type { VirtualTime } from './virtual-time.spec-support';

const CLIENT_TIMEOUT_MS = 1_500;
const RETRY_MS = 120;
const LATENCY_MS = 0.4;

export interface SimClientsOptions {
  readonly time: VirtualTime;
  readonly chance: Chance;
  readonly instances: readonly SimInstance[];
  readonly onMistake: (mistake: unknown) => void;
}

/** Clients of all instances: they ask again with the same id, wherever, until they are told. */
export class SimClients {
  readonly journal = new Journal();
  readonly #options: SimClientsOptions;
  #onTheWayCount = 0;

  constructor(options: SimClientsOptions) {
    this.#options = options;
  }

  get isIdle(): boolean {
    return this.#onTheWayCount === 0;
  }

  /** @param attemptCountMax how often it asks, until it is told */
  ask(payment: Payment, instance: SimInstance, attemptCountMax: number): void {
    const { time } = this.#options;
    const askedAtMs = time.nowMs;
    this.#send(instance, attemptCountMax, {
      start: ({ door }) => door.score(this.#arrivalOf(payment)),
      settle: (scored: Scored) => this.#note(payment, instance.index, askedAtMs, scored),
      again: (next, left) => this.ask(payment, next, left),
    });
  }

  /** A small batch that nobody waits for; it is handed over again until all of it is decided. */
  stream(payments: readonly Payment[], instance: SimInstance, attemptCountMax: number): void {
    const askedAtMs = this.#options.time.nowMs;
    this.#send(instance, attemptCountMax, {
      start: ({ stream }) => stream.decide(payments.map((payment) => this.#arrivalOf(payment))),
      settle: (streamed) => {
        let isDone = true;
        streamed.forEach((one, i) => {
          if (one.status !== 'failed') this.#note(payments[i]!, instance.index, askedAtMs, one);
          else if (one.error instanceof VetoError) isDone = false;
          else this.#options.onMistake(one.error);
        });
        return isDone;
      },
      again: (next, left) => this.stream(payments, next, left),
    });
  }

  label(sent: LabelSent, instance: SimInstance, attemptCountMax: number): void {
    const { time } = this.#options;
    const key = keyOf({ tenantId: sent.tenantId, transactionId: sent.label.transaction_id });
    const known = this.journal.answered.get(key);
    this.#send(instance, attemptCountMax, {
      start: ({ line }) => recordLabel(line, { ...sent, receivedAtMs: START_MS + Math.floor(time.nowMs) }),
      settle: ({ status }) => {
        if (status !== 'not_found') sent.isAcknowledged = true;
        else if (known?.durability === 'log') this.journal.deniedLabels.push(sent);
        return true;
      },
      again: (next, left) => this.label(sent, next, left),
    });
  }

  #arrivalOf({ tenantId, payload }: Payment): Arrival {
    return { tenantId, payload, receivedAtMs: START_MS + Math.floor(this.#options.time.nowMs), parseMs: 0.1 };
  }

  /** @returns false when it is still to be asked */
  #note(payment: Payment, instance: number, askedAtMs: number, scored: Scored): boolean {
    const { journal } = this;
    if (scored.status === 'in_flight') return false;
    if (scored.status === 'transaction_id_reused') journal.refused.push(payment);
    else {
      const { body, durability } = scored;
      const toldAtMs = this.#options.time.nowMs;
      journal.tell({ payment, instance, askedAtMs, toldAtMs, body, durability });
    }
    return true;
  }

  #send<T>(
    instance: SimInstance,
    attemptCount: number,
    of: {
      readonly start: (running: Running) => Promise<T>;
      readonly settle: (answer: T) => boolean;
      readonly again: (instance: SimInstance, attemptCountLeft: number) => void;
    },
  ): void {
    const { time, chance, instances } = this.#options;
    this.#onTheWayCount += 1;
    let isOver = false;
    const end = (isDone: boolean): void => {
      if (isOver) return;
      isOver = true;
      this.#onTheWayCount -= 1;
      if (isDone || attemptCount <= 1) return;
      this.#onTheWayCount += 1;
      time.after(
        chance.around(RETRY_MS),
        () => {
          this.#onTheWayCount -= 1;
          of.again(chance.pick(instances), attemptCount - 1);
        },
        null,
      );
    };
    const { running } = instance;
    if (running === null) {
      end(false);
      return;
    }
    time.after(CLIENT_TIMEOUT_MS, () => end(false), null);
    time.after(
      chance.around(LATENCY_MS),
      () => {
        of.start(running).then(
          (answer) => end(of.settle(answer)),
          (error: unknown) => {
            if (!(error instanceof VetoError)) this.#options.onMistake(error);
            end(false);
          },
        );
      },
      running.owner,
    );
  }
}
