import { formatMeasure } from './number';
import { formatDuration } from './time';

const DURATION_MS: Readonly<Record<string, number>> = {
  ms: 1,
  seconds: 1000,
  minutes: 60_000,
  hours: 3_600_000,
  days: 86_400_000,
};

/** The number alone, without what it is a number of. */
function formatBare(value: number, unit: string): string {
  const durationMs = DURATION_MS[unit];
  if (durationMs !== undefined) return formatDuration(value * durationMs);
  if (unit === 'yes or no') return value === 0 ? 'no' : 'yes';
  if (unit === 'share') return `${formatMeasure(Math.round(value * 1000) / 10)} %`;
  if (unit === 'ratio') return `${formatMeasure(value)}×`;
  return unit === 'hour' ? `${formatMeasure(value)} h` : formatMeasure(value);
}

const SAID_BY_THE_NUMBER = new Set([...Object.keys(DURATION_MS), 'yes or no', 'share', 'ratio', 'hour', '']);

/**
 * A feature's value for a person: a duration as a duration, a share in percent, a flag as a word.
 * @param value null = missing, which is shown as such: it is not zero
 */
export function formatFeatureValue(value: number | null, unit: string): string {
  if (value === null) return 'missing';
  const bare = formatBare(value, unit);
  if (SAID_BY_THE_NUMBER.has(unit)) return bare;
  return unit === 'EUR' ? `EUR ${bare}` : `${bare} ${unit}`;
}

/** The 10th to 90th percentile of genuine payments, in the unit of the value beside it: `0–2`. */
export function formatTypical(typical: readonly [number, number] | null, unit: string): string {
  if (typical === null) return 'not known';
  const [low, high] = typical;
  const [from, to] = [formatBare(low, unit), formatBare(high, unit)];
  if (from === to) return from;
  if (unit === 'yes or no') return 'either';
  // A dash between negative numbers reads as another minus.
  return low < 0 ? `${from} to ${to}` : `${from}–${to}`;
}
