import type { ConsoleToServer, LiveFrame, QueueCounts, ServerToConsole } from '@veto/domain';
import { io, type Socket } from 'socket.io-client';
import {
  gapOfFrame,
  INITIAL_STATUS,
  mergeGaps,
  SLOW_LAG_MS,
  type ConnectionStatus,
} from './connection-badge';
import type { DeskApi } from './desk-api';
import type { QueueStore } from './queue-store';
import type { ServerClock } from './server-clock';
import { ValueStore } from './value-store';

export type DeskSocket = Pick<
  Socket<SocketEvents<ServerToConsole>, SocketEvents<ConsoleToServer>>,
  'on' | 'emit' | 'connect' | 'disconnect' | 'connected' | 'active'
>;
type SocketEvents<T> = { [Name in keyof T]: T[Name] };

/** The list changes its appearance at most this often, in ms: faster is useless to a person. */
const COMMIT_INTERVAL_MS = 250;
/** Numbers change at most this often, in ms. */
const COUNTS_INTERVAL_MS = 1_000;
/** A connection that is well is said to be at most this often, in ms: more often than a heartbeat comes. */
const STATUS_INTERVAL_MS = 900;
/** A tab that nobody sees lets go of the stream after this long and resumes by cursor. */
const HIDDEN_UNSUBSCRIBE_AFTER_MS = 60_000;
/** A server that put us out (too slow, restarting) is asked again after this long. */
const RETRY_AFTER_KICK_MS = 1_000;
/** The server takes two subscriptions of one socket no closer together than 200 ms. */
const RESUBSCRIBE_AFTER_MS = 300;
/** Pages fetched for one gap, at most: 200 × 500 alerts. */
const GAP_PAGE_COUNT_MAX = 200;

export function openDeskSocket(): DeskSocket {
  return io({
    path: '/live',
    transports: ['websocket'],
    autoConnect: false,
    reconnectionDelay: 500,
    reconnectionDelayMax: 5_000,
    timeout: 5_000,
  });
}

/** The tab: seen or not. */
export interface PageVisibility {
  readonly isVisible: () => boolean;
  /** @returns the way to stop */
  readonly onChange: (listener: () => void) => () => void;
}

export const tabVisibility: PageVisibility = {
  isVisible: () => document.visibilityState === 'visible',
  onChange: (listener) => {
    document.addEventListener('visibilitychange', listener);
    return () => document.removeEventListener('visibilitychange', listener);
  },
};

/** Frames from the server into the queue's store; what is known of the connection into `status`. */
export class LiveConnection {
  readonly status = new ValueStore<ConnectionStatus>(INITIAL_STATUS);
  readonly counts = new ValueStore<QueueCounts | null>(null);
  readonly #socket: DeskSocket;
  readonly #api: DeskApi;
  readonly #queue: QueueStore;
  readonly #clock: ServerClock;
  readonly #page: PageVisibility;
  readonly #onUnauthenticated: () => void;
  #lastTo: number | null = null;
  /** The log that positions are of: each instance of the server has its own. */
  #logId: string | null = null;
  #latestCounts: QueueCounts | null = null;
  /** While the queue is loaded anew, frames of the old position mean nothing. */
  #isReloading = false;
  /** What frames said about the connection since it was last shown. */
  #unshownStatus: Partial<ConnectionStatus> = {};
  #stops: (() => void)[] = [];

  constructor(parts: {
    readonly socket: DeskSocket;
    readonly api: DeskApi;
    readonly queue: QueueStore;
    readonly clock: ServerClock;
    readonly page: PageVisibility;
    readonly onUnauthenticated: () => void;
  }) {
    this.#socket = parts.socket;
    this.#api = parts.api;
    this.#queue = parts.queue;
    this.#clock = parts.clock;
    this.#page = parts.page;
    this.#onUnauthenticated = parts.onUnauthenticated;
    this.#listen();
  }

  /**
   * What is open now, then everything after it.
   * @throws ProblemError when the snapshot cannot be had
   */
  async start(): Promise<void> {
    await this.#loadSnapshot();
    this.#every(COMMIT_INTERVAL_MS, () => {
      this.#showStatus();
      if (this.#page.isVisible()) this.#queue.commit();
    });
    this.#every(COUNTS_INTERVAL_MS, () => {
      if (this.#latestCounts !== null) this.counts.set(this.#latestCounts);
    });
    this.#releaseWhileHidden();
    this.#socket.connect();
  }

  stop(): void {
    for (const stop of this.#stops.splice(0)) stop();
    this.#socket.disconnect();
  }

  /** The analyst does not want to wait for the next attempt. */
  readonly retry = (): void => {
    this.#socket.disconnect();
    this.#socket.connect();
  };

  /** Fetches what was skipped, page by page, and closes the gap. */
  readonly loadGap = async (): Promise<void> => {
    const { gap, isLoadingGap } = this.status.get();
    if (gap === null || isLoadingGap) return;
    this.#patch({ isLoadingGap: true });
    try {
      let after = gap.after;
      for (let page = 0; page < GAP_PAGE_COUNT_MAX && after < gap.until; page += 1) {
        const { alerts, to, more, logId } = await this.#api.alertsAfter(after);
        if (logId !== this.#logId) {
          // Another instance answered: its positions are not ours, and what is missing is in its queue.
          await this.#startAnew();
          break;
        }
        this.#queue.receive(alerts, []);
        after = to;
        if (!more) break;
      }
      this.#patch({ gap: null });
    } finally {
      this.#patch({ isLoadingGap: false });
      this.#queue.commit();
    }
  };

  async #loadSnapshot(): Promise<void> {
    const snapshot = await this.#api.queue();
    this.#lastTo = snapshot.to;
    this.#logId = snapshot.logId;
    this.#latestCounts = snapshot.counts;
    this.counts.set(snapshot.counts);
    this.#queue.load(snapshot.alerts);
    this.#patch({ gap: null });
  }

  #listen(): void {
    this.#socket.on('connect', () => this.#subscribe());
    this.#socket.on('disconnect', (reason) => {
      this.#patch({ isConnected: false, offlineSinceMs: Date.now(), attemptCount: 0 });
      // The server closed it on purpose; socket.io reconnects by itself in every other case.
      if (reason === 'io server disconnect') setTimeout(() => this.#socket.connect(), RETRY_AFTER_KICK_MS);
    });
    this.#socket.on('connect_error', () => {
      const { offlineSinceMs, attemptCount } = this.status.get();
      this.#patch({
        isConnected: false,
        offlineSinceMs: offlineSinceMs ?? Date.now(),
        attemptCount: attemptCount + 1,
      });
      // Refused by the server itself, not by the network: the session may have ended.
      if (!this.#socket.active) void this.#checkSession();
    });
    this.#socket.on('server_restart', ({ retryAfterMs }) => {
      this.#patch({ isServerRestarting: true });
      setTimeout(() => this.#socket.connect(), retryAfterMs);
    });
    this.#socket.on('frame', (frame) => this.#receive(frame));
  }

  async #checkSession(): Promise<void> {
    const isGone = await this.#api.session().then(
      () => false,
      (error: { readonly code?: string }) => error.code === 'unauthenticated',
    );
    if (isGone) this.#onUnauthenticated();
    else setTimeout(() => this.#socket.connect(), RETRY_AFTER_KICK_MS);
  }

  #subscribe(): void {
    const isResume = this.status.get().lastFrameAtMs !== null;
    this.#patch({
      isConnected: true,
      offlineSinceMs: null,
      attemptCount: 0,
      isServerRestarting: false,
      catchingUpCount: isResume ? 0 : null,
    });
    const request = { after: this.#lastTo, ...(this.#logId !== null && { logId: this.#logId }) };
    this.#socket.emit('subscribe', request, (reply) => {
      // Another instance answers, or the log was begun anew and is younger than we are: begin anew as well.
      const isLost =
        'error' in reply ||
        reply.logId !== this.#logId ||
        (this.#lastTo !== null && reply.from < this.#lastTo);
      if (isLost) void this.#startAnew();
    });
  }

  async #startAnew(): Promise<void> {
    if (this.#isReloading) return;
    this.#isReloading = true;
    try {
      await this.#loadSnapshot();
      setTimeout(() => {
        this.#isReloading = false;
        if (this.#socket.connected) this.#subscribe();
      }, RESUBSCRIBE_AFTER_MS);
    } catch {
      // The next connection tries again; until then the badge says that no frame arrives.
      this.#isReloading = false;
      this.retry();
    }
  }

  #receive(frame: LiveFrame): void {
    if (this.#isReloading) return;
    const before = this.status.get();
    this.#clock.observe(frame.serverTimeMs);
    const gap = this.#lastTo === null ? null : gapOfFrame(frame, this.#lastTo);
    this.#lastTo = Math.max(this.#lastTo ?? frame.to, frame.to);
    this.#latestCounts = frame.counts;
    this.#queue.receive(frame.alerts, frame.patches);
    const isBehind = before.catchingUpCount !== null && frame.lagMs >= SLOW_LAG_MS;
    this.#unshownStatus = {
      lastFrameAtMs: Date.now(),
      lagMs: frame.lagMs,
      decisionsPerSecond: frame.counts.decisionsPerSecond,
      catchingUpCount: isBehind ? (before.catchingUpCount ?? 0) + frame.alerts.length : null,
    };
    if (gap !== null) this.#patch({ ...this.#unshownStatus, gap: mergeGaps(before.gap, gap) });
    else if (before.lastFrameAtMs === null || before.catchingUpCount !== null)
      this.#patch(this.#unshownStatus);
  }

  /** Ten frames a second say the same of the connection; one a second is enough to see that it lives. */
  #showStatus(): void {
    const { lastFrameAtMs } = this.#unshownStatus;
    const shownAtMs = this.status.get().lastFrameAtMs ?? 0;
    if (lastFrameAtMs != null && lastFrameAtMs - shownAtMs >= STATUS_INTERVAL_MS)
      this.#patch(this.#unshownStatus);
  }

  #releaseWhileHidden(): void {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const onChange = (): void => {
      clearTimeout(timer);
      if (!this.#page.isVisible()) {
        timer = setTimeout(() => this.#socket.disconnect(), HIDDEN_UNSUBSCRIBE_AFTER_MS);
        return;
      }
      if (!this.#socket.connected) this.#socket.connect();
      this.#queue.commit();
    };
    const stopListening = this.#page.onChange(onChange);
    this.#stops.push(() => {
      clearTimeout(timer);
      stopListening();
    });
  }

  #every(intervalMs: number, run: () => void): void {
    const timer = setInterval(run, intervalMs);
    this.#stops.push(() => clearInterval(timer));
  }

  #patch(change: Partial<ConnectionStatus>): void {
    this.status.update((status) => ({ ...status, ...change }));
  }
}
