import { sweepOrphans, type Line } from '@veto/decision';
import { VetoError } from '@veto/domain';
import type { Telemetry } from '../telemetry/telemetry';

const SWEEP_INTERVAL_MS = 500;
/** Nobody who is still at work takes this long. */
const ORPHAN_AGE_MS = 2_000;
const SWEEP_COUNT_MAX = 64;

/** Finishes payments that a crash left begun and undecided. */
export class OrphanSweeper {
  readonly #line: Line;
  readonly #telemetry: Telemetry;
  readonly #timer: NodeJS.Timeout;
  #sweep: Promise<void> = Promise.resolve();
  #isSweeping = false;

  constructor(line: Line, telemetry: Telemetry) {
    this.#line = line;
    this.#telemetry = telemetry;
    this.#timer = setInterval(() => this.#begin(), SWEEP_INTERVAL_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#sweep;
  }

  #begin(): void {
    if (this.#isSweeping) return;
    this.#isSweeping = true;
    this.#sweep = this.#run().finally(() => {
      this.#isSweeping = false;
    });
  }

  async #run(): Promise<void> {
    try {
      const count = await sweepOrphans(this.#line, {
        ageMs: ORPHAN_AGE_MS,
        countMax: SWEEP_COUNT_MAX,
        onMistake: (id, mistake) => this.#telemetry.orphanFailed(id.transactionId, mistake),
      });
      if (count > 0) this.#telemetry.orphansFinished(count);
    } catch (error) {
      // The log or the store may be in trouble: what is pending stays pending and is tried again with the next sweep.
      if (!(error instanceof VetoError)) throw error;
      this.#telemetry.warned('orphans could not be finished; they are tried again', { code: error.code });
    }
  }
}
