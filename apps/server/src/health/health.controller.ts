import { Controller, Get, Inject } from '@nestjs/common';
import { Refusal } from '../http/refusal';

/** What an orchestrator asks about this instance. */
export interface Health {
  readonly version: string;
  /** In words why it should not be sent anything: it starts, stops, or has not caught up; null when it is ready. */
  trouble(): string | null;
  readonly roles: readonly string[];
  readonly startedAtMs: number;
}

/** The reply of `GET /v1/health/ready`. */
export interface Ready {
  readonly status: 'ready';
  readonly version: string;
  readonly started_at: string;
  readonly roles: readonly string[];
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
  ready(): Ready {
    const trouble = this.#health.trouble();
    if (trouble !== null) throw new Refusal('shutting_down', `Not ready: ${trouble}.`, { retryAfterS: 1 });
    return {
      status: 'ready',
      version: this.#health.version,
      started_at: new Date(this.#health.startedAtMs).toISOString(),
      roles: this.#health.roles,
    };
  }
}
