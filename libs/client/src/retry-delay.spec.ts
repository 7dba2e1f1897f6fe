import { retryAfterMs, retryDelayMs } from './retry-delay';

describe('the pause before another attempt', () => {
  it('doubles, and is random between its half and its whole', () => {
    expect(retryDelayMs(1, 0)).toBe(25);
    expect(retryDelayMs(1, 0.5)).toBe(37.5);
    expect(retryDelayMs(2, 0)).toBe(50);
    expect(retryDelayMs(3, 0)).toBe(100);
  });

  it('is never longer than a second', () => {
    expect(retryDelayMs(40, 1)).toBe(1_000);
  });

  it('is as long as the server asks, in seconds or until a date', () => {
    const nowMs = Date.UTC(2026, 0, 1);
    expect(retryAfterMs('2', nowMs)).toBe(2_000);
    expect(retryAfterMs('0.5', nowMs)).toBe(500);
    expect(retryAfterMs('Thu, 01 Jan 2026 00:00:03 GMT', nowMs)).toBe(3_000);
    expect(retryAfterMs('Wed, 31 Dec 2025 00:00:00 GMT', nowMs)).toBe(0);
  });

  it('is its own affair when the server asks nothing that makes sense', () => {
    expect([null, '', ' ', '-1', 'soon'].map((header) => retryAfterMs(header, 0))).toEqual([
      null,
      null,
      null,
      null,
      null,
    ]);
  });
});
