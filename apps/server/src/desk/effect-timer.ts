import type { Telemetry } from '../telemetry/telemetry';
import type { CaseDesk } from './case-desk';

/** An effect leaves at most this long after its undo window has passed, in ms. */
const EFFECT_INTERVAL_MS = 200;

/** Lets effects leave when their undo windows have passed, also those that an earlier process had opened. */
export class EffectTimer {
  readonly #cases: CaseDesk;
  readonly #telemetry: Telemetry;
  readonly #timer: NodeJS.Timeout;
  #round: Promise<void> = Promise.resolve();
  #isRunning = false;

  constructor(cases: CaseDesk, telemetry: Telemetry) {
    this.#cases = cases;
    this.#telemetry = telemetry;
    this.#timer = setInterval(() => this.#begin(), EFFECT_INTERVAL_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#round;
  }

  #begin(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#round = this.#cases
      .effectDue()
      .catch((error: unknown) => this.#telemetry.requestFailed('effects', error))
      .finally(() => {
        this.#isRunning = false;
      });
  }
}
