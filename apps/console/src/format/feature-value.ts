import { formatMeasure } from './number';
import { formatDuration } from './time';

const DURATION_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  seconds: 1000,
  minutes: 60_000,
  hours: 3_600_000,
  days: 86_400_000,
};
const FLAG_UNITS = new Set(['flag', 'boolean', 'yes/no', '0 or 1', '0/1']);
const CENT_UNITS = new Set([
  'cents',
  'cent',
  'EUR cents',
  'cents of EUR',
  'cents of the base currency',
  'base minor units',
]);

/**
 * A feature's value for a person: a duration as a duration, money as money, a flag as a word.
 * @param value null = missing, which is shown as such: it is not zero
 */
export function formatFeatureValue(value: number | null, unit: string): string {
  if (value === null) return 'missing';
  const durationMs = DURATION_MS[unit];
  if (durationMs !== undefined) return formatDuration(value * durationMs);
  if (FLAG_UNITS.has(unit)) return value === 0 ? 'no' : 'yes';
  if (CENT_UNITS.has(unit)) return `EUR ${formatMeasure(value / 100)}`;
  const bare = unit === '' || unit === '1' || unit === 'ratio' || unit === 'share';
  return bare ? formatMeasure(value) : `${formatMeasure(value)} ${unit.split(',')[0]}`;
}

/** The 10th to 90th percentile of genuine payments: `0–2 payments`. */
export function formatTypical(typical: readonly [number, number] | null, unit: string): string {
  if (typical === null) return 'not known';
  const [low, high] = typical;
  const upper = formatFeatureValue(high, unit);
  if (low === high) return upper;
  const bare =
    FLAG_UNITS.has(unit) || DURATION_MS[unit] !== undefined
      ? formatFeatureValue(low, unit)
      : formatMeasure(CENT_UNITS.has(unit) ? low / 100 : low);
  // A dash between negative numbers reads as another minus.
  return `${bare}${low < 0 ? ' to ' : '–'}${upper.replace(/^EUR /, '')}`;
}
