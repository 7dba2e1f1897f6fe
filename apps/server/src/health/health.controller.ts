import { Controller, Get, Inject } from '@nestjs/common';
import { Refusal } from '../http/refusal';

/** What an orchestrator asks about this instance. */
export interface Health {
  readonly version: string;
  /** False while it starts, once it is told to stop, and when its log takes no records. */
  isReady(): boolean;
  readonly startedAtMs: number;
}

/** Injection token of the `Health`. */
export const HEALTH = Symbol('Health');

@Controller('v1/health')
export class HealthController {
  readonly #health: Health;

  constructor(@Inject(HEALTH) health: Health) {
    this.#health = health;
  }

  /** The process answers; restart it when it does not. */
  @Get('live')
  live(): { readonly status: 'live'; readonly version: string } {
    return { status: 'live', version: this.#health.version };
  }

  /** Send payments here; stop when it says 503. */
  @Get('ready')
  ready(): { readonly status: 'ready'; readonly version: string; readonly started_at: string } {
    if (!this.#health.isReady())
      throw new Refusal('shutting_down', 'Not ready to decide.', { retryAfterS: 1 });
    return {
      status: 'ready',
      version: this.#health.version,
      started_at: new Date(this.#health.startedAtMs).toISOString(),
    };
  }
}
