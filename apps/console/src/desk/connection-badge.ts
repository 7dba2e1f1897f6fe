import { formatCount } from '../format/number';
import { formatClock, formatDuration } from '../format/time';

/** Without a heartbeat for this long the connection counts as lost. */
export const HEARTBEAT_LOST_AFTER_MS = 3_000;
/** From here on the screen says that it lags. */
export const SLOW_LAG_MS = 2_000;
/** Offline for longer than this, and what is on the screen may be wrong. */
export const STALE_AFTER_MS = 60_000;

/** Alerts that this console was not sent. */
export interface Gap {
  /** Log position before the first of them. */
  readonly after: number;
  /** Log position of the last of them, at most. */
  readonly until: number;
  /** Null when only the hole is known and not how many fell into it. */
  readonly count: number | null;
}

export interface ConnectionStatus {
  readonly isConnected: boolean;
  /** This console's clock; null before the first frame. */
  readonly lastFrameAtMs: number | null;
  readonly lagMs: number;
  readonly decisionsPerSecond: number;
  /** Attempts to reconnect since the connection was lost. */
  readonly attemptCount: number;
  /** This console's clock; null while connected. */
  readonly offlineSinceMs: number | null;
  /** Alerts received since the resume, while the log is being caught up with; otherwise null. */
  readonly catchingUpCount: number | null;
  readonly gap: Gap | null;
  readonly isLoadingGap: boolean;
  /** The server announced that it restarts. */
  readonly isServerRestarting: boolean;
}

export const INITIAL_STATUS: ConnectionStatus = {
  isConnected: false,
  lastFrameAtMs: null,
  lagMs: 0,
  decisionsPerSecond: 0,
  attemptCount: 0,
  offlineSinceMs: null,
  catchingUpCount: null,
  gap: null,
  isLoadingGap: false,
  isServerRestarting: false,
};

export type BadgeState = 'connecting' | 'live' | 'slow' | 'catching_up' | 'offline' | 'stale' | 'skipped';

export interface ConnectionBadge {
  readonly state: BadgeState;
  readonly glyph: string;
  readonly text: string;
  /** What a click does, or null when there is nothing to do. */
  readonly action: 'retry' | 'load' | null;
}

/** Since when nothing was heard, by this console's clock; null while frames come. */
export function silentSinceMs(status: ConnectionStatus, nowMs: number): number | null {
  if (status.lastFrameAtMs !== null && nowMs - status.lastFrameAtMs > HEARTBEAT_LOST_AFTER_MS)
    return status.lastFrameAtMs;
  return status.isConnected ? null : status.offlineSinceMs;
}

/** The one truth about the connection, in words. Worst first: what is wrong hides what is right, never the other way. */
export function badgeOf(status: ConnectionStatus, nowMs: number): ConnectionBadge {
  const silentSince = silentSinceMs(status, nowMs);
  const silentMs = silentSince === null ? 0 : nowMs - silentSince;
  if (silentSince !== null && silentMs > STALE_AFTER_MS) {
    return {
      state: 'stale',
      glyph: '▲',
      text: `Stale ${formatDuration(silentMs)} — data may be wrong`,
      action: 'retry',
    };
  }
  if (silentSince !== null && (status.lastFrameAtMs !== null || status.attemptCount > 0))
    return offlineBadge(status);
  if (status.lastFrameAtMs === null)
    return { state: 'connecting', glyph: '⟳', text: 'Connecting…', action: null };
  if (status.catchingUpCount !== null) {
    return {
      state: 'catching_up',
      glyph: '⟳',
      text: `Catching up ${formatCount(status.catchingUpCount)}…`,
      action: null,
    };
  }
  if (status.gap !== null) {
    const count = status.gap.count === null ? 'some' : formatCount(status.gap.count);
    const text = status.isLoadingGap ? `Loading ${count} skipped…` : `Skipped ${count} · Load`;
    return { state: 'skipped', glyph: '▲', text, action: status.isLoadingGap ? null : 'load' };
  }
  if (status.lagMs >= SLOW_LAG_MS) {
    return { state: 'slow', glyph: '◐', text: `Delayed ${Math.round(status.lagMs / 1000)} s`, action: null };
  }
  const rate = formatCount(Math.round(status.decisionsPerSecond));
  return {
    state: 'live',
    glyph: '●',
    text: `Live ${rate}/s · lag ${(status.lagMs / 1000).toFixed(1)} s`,
    action: null,
  };
}

function offlineBadge(status: ConnectionStatus): ConnectionBadge {
  const last = status.lastFrameAtMs === null ? 'never' : formatClock(status.lastFrameAtMs);
  const what = status.isServerRestarting ? 'Server restarts' : 'Reconnecting';
  return {
    state: 'offline',
    glyph: '○',
    text: `${what} (${status.attemptCount}) · last ${last} · Retry`,
    action: 'retry',
  };
}

/** Two holes become one that covers both; the sum is known only when both are. */
export function mergeGaps(a: Gap | null, b: Gap): Gap {
  if (a === null) return b;
  return {
    after: Math.min(a.after, b.after),
    until: Math.max(a.until, b.until),
    count: a.count === null || b.count === null ? null : a.count + b.count,
  };
}

/** The hole that a frame reveals, if any: it begins later than the last one ended, or the server says it dropped some. */
export function gapOfFrame(
  frame: { readonly from: number; readonly to: number; readonly dropped: number },
  lastTo: number,
): Gap | null {
  const isBehind = frame.from > lastTo;
  if (!isBehind && frame.dropped === 0) return null;
  return {
    after: isBehind ? lastTo : frame.from,
    until: frame.dropped > 0 ? frame.to : frame.from,
    count: frame.dropped > 0 ? frame.dropped : null,
  };
}
