import {
  CLIENT_ITEM_BUFFER_COUNT_MAX,
  FRAME_ITEM_COUNT_MAX,
  HEARTBEAT_INTERVAL_MS,
  type Alert,
  type AlertPatch,
  type Clock,
  type LiveFrame,
} from '@veto/domain';
import type { LiveSource } from './live-source';
import type { LiveItem } from './tenant-desk';

/** A console's connection as far as the stream goes. */
export interface FrameSink {
  send(frame: LiveFrame): void;
  /** Bytes that the connection has not taken yet. */
  bufferedBytes(): number;
  disconnect(): void;
}

/** With this much on the way nothing more is sent until the console takes it. */
export const BUFFERED_BYTES_PAUSE = 128 * 1024;
/** A console that lets this much pile up is disconnected. */
export const BUFFERED_BYTES_KICK = 1024 * 1024;
/** A console that takes nothing for this long is disconnected, in ms. */
export const STUCK_MS = 30_000;

export interface LiveClientEvents {
  skipped(alertCount: number): void;
  kicked(bufferedBytes: number): void;
}

/**
 * One console's cursor into the log. It pulls what is due, so nothing is buffered for it but its position; a console
 * too far behind is moved forward and told how many alerts it missed.
 */
export class LiveClient {
  readonly #tenantId: string;
  readonly #source: LiveSource;
  readonly #sink: FrameSink;
  readonly #clock: Clock;
  readonly #events: LiveClientEvents;
  #cursor: number;
  #pausedSinceMs: number | null = null;
  #sentAtMs = -Infinity;
  #dropped = 0;
  /** Changes that lie in what was skipped; they are still sent. */
  #skippedPatches: LiveItem[] = [];
  #isBusy = false;

  constructor(parts: {
    readonly tenantId: string;
    readonly source: LiveSource;
    readonly sink: FrameSink;
    readonly clock: Clock;
    readonly events: LiveClientEvents;
    readonly after: number;
  }) {
    this.#tenantId = parts.tenantId;
    this.#source = parts.source;
    this.#sink = parts.sink;
    this.#clock = parts.clock;
    this.#events = parts.events;
    this.#cursor = parts.after;
  }

  get cursor(): number {
    return this.#cursor;
  }

  /** Sends one frame if there is something to say, or a heartbeat is due, and the connection takes it. */
  async pump(): Promise<void> {
    if (this.#isBusy) return;
    this.#isBusy = true;
    try {
      if (this.#isPaused()) return;
      await this.#skipWhatIsTooMuch();
      await this.#sendFrame();
    } finally {
      this.#isBusy = false;
    }
  }

  #isPaused(): boolean {
    const bufferedBytes = this.#sink.bufferedBytes();
    const nowMs = this.#clock.nowMs();
    if (bufferedBytes < BUFFERED_BYTES_PAUSE) {
      this.#pausedSinceMs = null;
      return false;
    }
    this.#pausedSinceMs ??= nowMs;
    if (bufferedBytes > BUFFERED_BYTES_KICK || nowMs - this.#pausedSinceMs > STUCK_MS) {
      this.#events.kicked(bufferedBytes);
      this.#sink.disconnect();
    }
    return true;
  }

  async #skipWhatIsTooMuch(): Promise<void> {
    const behind = this.#source.alertCountAfter(this.#tenantId, this.#cursor);
    if (behind <= CLIENT_ITEM_BUFFER_COUNT_MAX) return;
    const to = this.#source.positionBeforeLast(this.#tenantId, FRAME_ITEM_COUNT_MAX);
    this.#skippedPatches.push(...(await this.#source.patchesBetween(this.#tenantId, this.#cursor, to)));
    const skipped = behind - FRAME_ITEM_COUNT_MAX;
    this.#dropped += skipped;
    this.#skippedTo = to;
    this.#events.skipped(skipped);
  }

  /** Where reading goes on after a skip; the frame still says that it starts at the cursor. */
  #skippedTo: number | null = null;

  async #sendFrame(): Promise<void> {
    const from = this.#cursor;
    const patchesFirst = this.#skippedPatches.splice(0, FRAME_ITEM_COUNT_MAX);
    const room = FRAME_ITEM_COUNT_MAX - patchesFirst.length;
    const start = this.#skippedTo ?? from;
    const due =
      room === 0 ? { items: [], to: start, lagMs: 0 } : await this.#source.due(this.#tenantId, start, room);
    const items = [...patchesFirst, ...due.items];
    const nowMs = this.#clock.nowMs();
    const isSilent = items.length === 0 && this.#dropped === 0;
    if (isSilent && nowMs - this.#sentAtMs < HEARTBEAT_INTERVAL_MS) return;
    const alerts: Alert[] = [];
    const patches: AlertPatch[] = [];
    for (const item of items) {
      if (item.kind === 'alert') alerts.push(item.alert);
      else patches.push(item.patch);
    }
    this.#sink.send({
      v: 1,
      from,
      to: due.to,
      alerts,
      patches,
      counts: this.#source.counts(this.#tenantId),
      dropped: this.#dropped,
      serverTimeMs: nowMs,
      lagMs: due.lagMs,
    });
    this.#cursor = due.to;
    this.#skippedTo = null;
    this.#dropped = 0;
    this.#sentAtMs = nowMs;
  }
}
