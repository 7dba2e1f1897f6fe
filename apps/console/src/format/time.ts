import { LOCALE } from './locale';

const clock = new Intl.DateTimeFormat(LOCALE, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});
const dayAndClock = new Intl.DateTimeFormat(LOCALE, {
  day: '2-digit',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});
const day = new Intl.DateTimeFormat('sv-SE', { year: 'numeric', month: '2-digit', day: '2-digit' });
const zoneName = new Intl.DateTimeFormat(LOCALE, { timeZoneName: 'short' });

/** `14:07:57`, local. */
export function formatClock(atMs: number): string {
  return clock.format(atMs);
}

/** `14:07:57` today, `21 Nov 14:07` on any other day. */
export function formatListTime(atMs: number, nowMs: number): string {
  return day.format(atMs) === day.format(nowMs)
    ? clock.format(atMs)
    : dayAndClock.format(atMs).replace(',', '');
}

/** Both clocks, for tooltips: `2026-11-22 14:07:57 CET (13:07:57 UTC)`. */
export function formatInstant(atMs: number): string {
  const zone = zoneName.formatToParts(atMs).find((part) => part.type === 'timeZoneName')?.value ?? '';
  const utc = new Date(atMs).toISOString().slice(11, 19);
  return `${day.format(atMs)} ${clock.format(atMs)} ${zone} (${utc} UTC)`;
}

/** An age or a time left → its two largest units: `6 m 12 s`, `3 h 4 m`, `2 d 1 h`. Negative → `0 s`. */
export function formatDuration(durationMs: number): string {
  const seconds = Math.max(0, Math.floor(durationMs / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} m` : `${minutes} m ${seconds % 60} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} m`;
  return hours % 24 === 0 ? `${Math.floor(hours / 24)} d` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
