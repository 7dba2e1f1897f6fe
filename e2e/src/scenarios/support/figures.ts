import { expect } from '@playwright/test';
import type { AskedPayment } from './load';

/** The value below which a share of the values lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** How long clients waited for their final answers, from the moment when each payment was due. */
export function waitsMs(payments: readonly AskedPayment[]): number[] {
  return payments.flatMap(({ answeredAtMs, dueAtMs }) =>
    answeredAtMs === null ? [] : [answeredAtMs - dueAtMs],
  );
}

/** `1 234 answered, p50 3 ms, p99 25 ms, max 812 ms`. */
export function waitsText(payments: readonly AskedPayment[]): string {
  const waits = waitsMs(payments);
  const at = (share: number): string => `${Math.round(quantile(waits, share))} ms`;
  const longest = `${Math.round(waits.reduce((a, b) => Math.max(a, b), 0))} ms`;
  return `${waits.length} of ${payments.length} answered, p50 ${at(0.5)}, p99 ${at(0.99)}, max ${longest}`;
}

/** How often each ending of an attempt was seen. */
export function endingsOf(payments: readonly AskedPayment[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { earlier, status } of payments)
    for (const ending of [...earlier, String(status)]) counts[ending] = (counts[ending] ?? 0) + 1;
  return counts;
}

/**
 * The longest time within [fromMs, toMs] in which nobody was answered, though payments were due.
 * @returns ms
 */
export function longestSilenceMs(payments: readonly AskedPayment[], fromMs: number, toMs: number): number {
  const moments = payments
    .flatMap(({ answeredAtMs }) => (answeredAtMs === null ? [] : [answeredAtMs]))
    .filter((atMs) => atMs >= fromMs && atMs <= toMs)
    .sort((a, b) => a - b);
  let longest = 0;
  let previous = fromMs;
  for (const atMs of [...moments, toMs]) {
    longest = Math.max(longest, atMs - previous);
    previous = atMs;
  }
  return longest;
}

/** Every payment has its decision; the first few that have none are shown, with how each of their attempts ended. */
export function expectAllDecided(payments: readonly AskedPayment[]): void {
  const without = payments.filter(({ status }) => status !== 200);
  const shown = without.slice(0, 5).map(({ id, status, earlier, text }) => ({ id, status, earlier, text }));
  expect({ count: without.length, shown }).toEqual({ count: 0, shown: [] });
}

/** Nobody was told of a failure, now or in between: a connection that broke is the only thing a client may have seen. */
export function expectNoFailureSeen(payments: readonly AskedPayment[]): void {
  const saw = payments.filter(({ earlier }) => earlier.some((ending) => ending.startsWith('5')));
  expect(saw.slice(0, 5).map(({ id, earlier }) => ({ id, earlier }))).toEqual([]);
}
