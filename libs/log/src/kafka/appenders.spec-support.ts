import { setTimeout as pause } from 'node:timers/promises';
import type { EventLog } from '@veto/domain';
import { aDecision, textOf } from './kafka-log.spec-support';

/** One caller for each key, who appends one record after the other for as long as it may. */
export class Appenders {
  readonly acknowledged: Record<string, string[]> = {};
  readonly latencyMs: number[] = [];
  readonly #all: Promise<unknown>;
  #stopped = false;

  constructor(log: EventLog, callerCount: number) {
    this.#all = Promise.all(
      Array.from({ length: callerCount }, async (_, caller) => {
        for (let turn = 0; !this.#stopped; turn++) {
          const record = aDecision(`caller_${caller}`, `${caller}/${turn}`);
          const startedAt = performance.now();
          await log.append([record]);
          this.latencyMs.push(performance.now() - startedAt);
          (this.acknowledged[record.key] ??= []).push(textOf(record));
          await pause(5);
        }
      }),
    );
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#all;
  }
}
