/** Platt's calibration: p = sigmoid(a · margin + b). a > 0, so that the ranking of margins is that of scores. */
export interface Calibration {
  readonly a: number;
  readonly b: number;
}

/** Log odds of the trees → P(fraud) in [0, 1]. */
export function probabilityOf(margin: number, { a, b }: Calibration): number {
  return 1 / (1 + Math.exp(-(a * margin + b)));
}

/** How fast the probability grows with the margin, there: a · p · (1 − p). */
export function probabilitySlope(margin: number, calibration: Calibration): number {
  const p = probabilityOf(margin, calibration);
  return calibration.a * p * (1 - p);
}
