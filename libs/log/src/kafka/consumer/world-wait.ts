import type { Clock } from '@veto/domain';
import type { Lease } from './lease';
import type { ConsumerTrouble } from './trouble';

const WAIT_MIN_MS = 50;
const WAIT_MAX_MS = 1_000;

/** Tells once that records wait for something, and once that none does any more, however many they are. */
export class WorldWaits {
  readonly #clock: Clock;
  readonly #onTrouble: (trouble: ConsumerTrouble) => void;
  #waitingCount = 0;
  #sinceMs = 0;
  #reason: string | null = null;

  constructor(clock: Clock, onTrouble: (trouble: ConsumerTrouble) => void) {
    this.#clock = clock;
    this.#onTrouble = onTrouble;
  }

  get reason(): string | null {
    return this.#reason;
  }

  begin(why: { readonly reason: string; readonly error: unknown }): void {
    this.#waitingCount += 1;
    this.#reason = why.reason;
    if (this.#waitingCount > 1) return;
    this.#sinceMs = this.#clock.nowMs();
    this.#onTrouble({ kind: 'waiting', ...why });
  }

  end(): void {
    this.#waitingCount -= 1;
    if (this.#waitingCount > 0) return;
    this.#reason = null;
    this.#onTrouble({ kind: 'waiting_over', waitedMs: this.#clock.nowMs() - this.#sinceMs });
  }
}

/** The waiting of some records, from the first time that something did not answer until they are through or dropped. */
export class WorldWait {
  readonly #all: WorldWaits;
  #nextMs = WAIT_MIN_MS;
  #hasBegun = false;

  constructor(all: WorldWaits) {
    this.#all = all;
  }

  /** Longer each time, up to a second; not beyond the end of the lease. */
  async wait(lease: Lease, why: { readonly reason: string; readonly error: unknown }): Promise<void> {
    if (!this.#hasBegun) this.#all.begin(why);
    this.#hasBegun = true;
    await lease.wait(this.#nextMs);
    this.#nextMs = Math.min(this.#nextMs * 2, WAIT_MAX_MS);
  }

  end(): void {
    if (this.#hasBegun) this.#all.end();
    this.#hasBegun = false;
  }
}
