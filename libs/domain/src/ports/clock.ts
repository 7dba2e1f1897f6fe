/** The only source of the present. `decide` never sees it; times reach it as numbers. */
export interface Clock {
  /** ms since epoch. */
  nowMs(): number;
}

export const systemClock: Clock = { nowMs: () => Date.now() };
