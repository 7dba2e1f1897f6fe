import type { Clock } from '@veto/domain';

/** The clock of a replay: the time of the event at hand, so that the past is decided as it was lived. Never goes back. */
export class ReplayClock implements Clock {
  private atMs = 0;

  advanceTo(atMs: number): void {
    if (atMs > this.atMs) this.atMs = atMs;
  }

  nowMs(): number {
    return this.atMs;
  }
}
