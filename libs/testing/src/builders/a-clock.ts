import type { Clock } from '@veto/domain';

/** A clock that stands still until it is told. */
export interface ManualClock extends Clock {
  /** Moves on by so many ms; negative = back. */
  advance(byMs: number): void;
  set(nowMs: number): void;
}

/** Noon on a dull Monday. */
export const DULL_NOW_MS = Date.UTC(2026, 5, 15, 12, 0, 0);

export function aClock(startMs: number = DULL_NOW_MS): ManualClock {
  let nowMs = startMs;
  return {
    nowMs: () => nowMs,
    advance: (byMs) => {
      nowMs += byMs;
    },
    set: (toMs) => {
      nowMs = toMs;
    },
  };
}
