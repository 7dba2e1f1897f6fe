import { EffectTimer } from './desk/effect-timer';
import type { Runtime } from './runtime';
import { OrphanSweeper } from './scoring/orphan-sweeper';
import { StreamConsumers } from './stream/stream-consumers';

/** How often the views are written down while the server runs, in ms. */
const SAVE_VIEWS_INTERVAL_MS = 15 * 60_000;

/** What an instance does without being asked, by its roles. */
export class BackgroundWork {
  readonly #runtime: Runtime;
  readonly #sweeper: OrphanSweeper | null;
  readonly #effects: EffectTimer | null;
  readonly #saving: NodeJS.Timeout;
  #consumers: StreamConsumers | null = null;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
    const { cluster, line, telemetry, cases } = runtime;
    const { roles } = runtime.configuration;
    runtime.feed.start((error) => telemetry.requestFailed('views', error));
    const decides = roles.includes('score') || roles.includes('stream');
    this.#sweeper = decides ? new OrphanSweeper(line, telemetry) : null;
    this.#effects = roles.includes('desk') ? new EffectTimer(cases, telemetry) : null;
    this.#saving = setInterval(() => runtime.saveViews(), SAVE_VIEWS_INTERVAL_MS);
    cluster?.events.metrics.watch({ ...cluster, consumers: () => this.#consumers?.running ?? new Map() });
  }

  /**
   * Begins to consume, where that is a role of this instance.
   * @param of.onFatal a consumer cannot go on by itself: the process should end, for its supervisor to start it anew
   * @throws VetoError configuration_invalid when a topic is missing
   */
  async consume(of: { readonly version: string; readonly onFatal: (error: Error) => void }): Promise<void> {
    const { cluster, line, telemetry, configuration } = this.#runtime;
    if (cluster === null || !configuration.roles.includes('stream')) return;
    this.#consumers = await StreamConsumers.start({ cluster, line, telemetry, ...of });
  }

  get consumers(): StreamConsumers | null {
    return this.#consumers;
  }

  /** Takes nothing more from Kafka; what is in hand is finished and committed. */
  async stopConsuming(): Promise<void> {
    await this.#consumers?.stop();
  }

  async stop(): Promise<void> {
    clearInterval(this.#saving);
    await Promise.all([this.stopConsuming(), this.#sweeper?.stop(), this.#effects?.stop()]);
  }
}
