const FIRST_DELAY_MS = 25;
const DELAY_MS_MAX = 1_000;

/**
 * How long to wait before attempt `failedCount + 1`: twice as long each time, of which a random half to whole, so that
 * clients that failed together do not come back together.
 * @param chance in [0, 1)
 */
export function retryDelayMs(failedCount: number, chance: number): number {
  const longestMs = Math.min(DELAY_MS_MAX, FIRST_DELAY_MS * 2 ** failedCount);
  return longestMs * (0.5 + chance / 2);
}

/** `Retry-After` in ms, given in seconds or as a date; null when it is absent or makes no sense. */
export function retryAfterMs(header: string | null, nowMs: number): number | null {
  if (header === null || header.trim() === '') return null;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return seconds >= 0 ? seconds * 1_000 : null;
  const atMs = Date.parse(header);
  return Number.isNaN(atMs) ? null : Math.max(0, atMs - nowMs);
}
