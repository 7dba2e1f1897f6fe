import { LOCALE, NOT_APPLICABLE } from './locale';

const counts = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 0 });
// In en-GB a million is `m`, which beside milliseconds reads as milli.
const large = new Intl.NumberFormat('en-US', { notation: 'compact', maximumSignificantDigits: 3 });
const oneDecimal = new Intl.NumberFormat(LOCALE, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const twoDecimals = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 2 });
const threeDigits = new Intl.NumberFormat(LOCALE, { maximumSignificantDigits: 3 });

/** In full to 99,999; then `1.02M`. */
export function formatCount(count: number): string {
  return Math.abs(count) <= 99_999 ? counts.format(count) : large.format(count);
}

/** Score in [0, 1] → `93.4`: one decimal, never a percent sign. Null (the model was silent) → `–`. */
export function formatScore(score: number | null): string {
  return score === null ? NOT_APPLICABLE : oneDecimal.format(score * 100);
}

/** A part of the score, in score units → points with sign: `+21.2`, `−5.8`, `0.0`. */
export function formatPoints(contribution: number): string {
  const points = Math.round(contribution * 1000) / 10;
  if (points === 0) return '0.0';
  return `${points > 0 ? '+' : '−'}${oneDecimal.format(Math.abs(points))}`;
}

/** Milliseconds: one decimal below 10, none above. */
export function formatLatency(durationMs: number): string {
  return durationMs < 10 ? oneDecimal.format(durationMs) : counts.format(durationMs);
}

/** A measured value: whole numbers in full, fractions with what is worth reading. */
export function formatMeasure(value: number): string {
  const size = Math.abs(value);
  const sign = value < 0 ? '−' : '';
  if (Number.isInteger(value)) return `${sign}${formatCount(size)}`;
  if (size >= 1000) return `${sign}${counts.format(size)}`;
  return `${sign}${size >= 1 ? twoDecimals.format(size) : threeDigits.format(size)}`;
}
