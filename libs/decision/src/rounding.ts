/** What is printed is in steps of 0.0001; sums are made of whole steps, so that they come out exactly as printed. */
const STEPS = 10_000;

export function stepsOf(value: number): number {
  return Math.round(value * STEPS);
}

/** Whole steps → the number that prints as them; never −0. */
export function fromSteps(steps: number): number {
  return steps / STEPS + 0;
}

/** The score that rules, policy and people see: to four decimals, so that what was compared is what is printed. */
export function roundedScore(score: number): number {
  return fromSteps(stepsOf(score));
}

/** To six decimals: enough for what is recorded of an explanation, at a third of its length. */
export function toMillionths(value: number): number {
  return Math.round(value * 1_000_000) / 1_000_000 + 0;
}

/** A duration as recorded: to a microsecond. */
export function roundedMs(ms: number): number {
  return Math.round(ms * 1_000) / 1_000 + 0;
}
