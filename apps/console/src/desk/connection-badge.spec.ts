import { formatClock } from '../format/time';
import { badgeOf, gapOfFrame, INITIAL_STATUS, mergeGaps, type ConnectionStatus } from './connection-badge';

const NOW_MS = 1_700_000_000_000;
const live: ConnectionStatus = {
  ...INITIAL_STATUS,
  isConnected: true,
  lastFrameAtMs: NOW_MS - 500,
  lagMs: 300,
  decisionsPerSecond: 1012,
};

describe('the connection badge', () => {
  it('is live while frames come and the log is not ahead', () => {
    expect(badgeOf(live, NOW_MS)).toEqual({
      state: 'live',
      glyph: '●',
      text: 'Live 1,012/s · lag 0.3 s',
      action: null,
    });
  });

  it('is slow from two seconds of lag on, not before', () => {
    expect(badgeOf({ ...live, lagMs: 1_999 }, NOW_MS).state).toBe('live');
    expect(badgeOf({ ...live, lagMs: 6_000 }, NOW_MS)).toMatchObject({ state: 'slow', text: 'Delayed 6 s' });
  });

  it('counts what it catches up with', () => {
    expect(badgeOf({ ...live, catchingUpCount: 4210 }, NOW_MS)).toMatchObject({
      state: 'catching_up',
      text: 'Catching up 4,210…',
    });
  });

  it('is offline after three seconds without a heartbeat, though the socket seems open', () => {
    expect(badgeOf({ ...live, lastFrameAtMs: NOW_MS - 3_000 }, NOW_MS).state).toBe('live');
    expect(badgeOf({ ...live, lastFrameAtMs: NOW_MS - 3_001 }, NOW_MS).state).toBe('offline');
  });

  it('says how often it tried, and when it last heard', () => {
    const lost = { ...live, isConnected: false, offlineSinceMs: NOW_MS - 1_000, attemptCount: 3 };
    expect(badgeOf(lost, NOW_MS)).toMatchObject({
      action: 'retry',
      text: `Reconnecting (3) · last ${formatClock(NOW_MS - 500)} · Retry`,
    });
  });

  it('is stale after a minute', () => {
    const lost = {
      ...live,
      isConnected: false,
      offlineSinceMs: NOW_MS - 120_000,
      lastFrameAtMs: NOW_MS - 120_000,
    };
    expect(badgeOf(lost, NOW_MS)).toMatchObject({ state: 'stale', text: 'Stale 2 m — data may be wrong' });
  });

  it('says how many were skipped, and offers to load them', () => {
    const gap = { after: 10, until: 400, count: 312 };
    expect(badgeOf({ ...live, gap }, NOW_MS)).toMatchObject({
      state: 'skipped',
      text: 'Skipped 312 · Load',
      action: 'load',
    });
    expect(badgeOf({ ...live, gap, isLoadingGap: true }, NOW_MS)).toMatchObject({
      text: 'Loading 312 skipped…',
      action: null,
    });
  });

  it('connects at first, and does not speak of reconnecting', () => {
    expect(badgeOf(INITIAL_STATUS, NOW_MS).state).toBe('connecting');
  });
});

describe('a gap between frames', () => {
  it('is not there when a frame begins where the last one ended, or before', () => {
    expect(gapOfFrame({ from: 100, to: 120, dropped: 0 }, 100)).toBeNull();
    expect(gapOfFrame({ from: 90, to: 120, dropped: 0 }, 100)).toBeNull();
  });

  it('is what lies between, of unknown size, when a frame begins later', () => {
    expect(gapOfFrame({ from: 130, to: 140, dropped: 0 }, 100)).toEqual({
      after: 100,
      until: 130,
      count: null,
    });
  });

  it('is the frame itself when the server dropped some, of known size', () => {
    expect(gapOfFrame({ from: 100, to: 140, dropped: 7 }, 100)).toEqual({ after: 100, until: 140, count: 7 });
  });

  it('grows to cover a second one', () => {
    const first = { after: 100, until: 140, count: 7 };
    expect(mergeGaps(null, first)).toBe(first);
    expect(mergeGaps(first, { after: 150, until: 160, count: 3 })).toEqual({
      after: 100,
      until: 160,
      count: 10,
    });
    expect(mergeGaps(first, { after: 150, until: 160, count: null }).count).toBeNull();
  });
});
