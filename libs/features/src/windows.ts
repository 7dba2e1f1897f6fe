import { HISTORY_AGE_MAX_MS } from '@veto/domain';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/**
 * The windows, ascending. A window of width w before a payment at (t, seq) holds the records from t − w, inclusive, to
 * the payment itself, exclusive, in the order (time, seq): a record of the same millisecond and a smaller seq is in.
 * `40d` is everything that is kept.
 */
export const WINDOWS = [
  { name: '1m', ms: MINUTE_MS, words: '1 minute' },
  { name: '10m', ms: 10 * MINUTE_MS, words: '10 minutes' },
  { name: '1h', ms: HOUR_MS, words: '1 hour' },
  { name: '24h', ms: DAY_MS, words: '24 hours' },
  { name: '7d', ms: 7 * DAY_MS, words: '7 days' },
  { name: '30d', ms: 30 * DAY_MS, words: '30 days' },
  { name: '40d', ms: HISTORY_AGE_MAX_MS, words: '40 days' },
] as const;

export type WindowName = (typeof WINDOWS)[number]['name'];
export type Window = (typeof WINDOWS)[number];

/** Position of a window in `WINDOWS`. */
export function windowIndexOf(name: WindowName): number {
  return WINDOWS.findIndex((window) => window.name === name);
}

export function windowOf(name: WindowName): Window {
  return WINDOWS[windowIndexOf(name)]!;
}
