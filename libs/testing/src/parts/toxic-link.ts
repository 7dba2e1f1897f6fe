import { once, type EventEmitter } from 'node:events';
import { type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { delayMsOf, toxicsOf, type Toxic, type ToxicDirection } from './toxic';

/** Bytes on their way; beyond it the sender is made to wait, as by a full network. */
const UNDER_WAY_BYTE_COUNT_MAX = 4 * 1024 * 1024;

interface Piece {
  readonly bytes: Buffer;
  readonly arrivesAtMs: number;
}

export interface ToxicLinkOptions {
  readonly from: Socket;
  readonly to: Socket;
  readonly direction: ToxicDirection;
  /** What is wrong at this moment. */
  readonly toxics: () => readonly Toxic[];
  /** Emits `change` when something else is wrong from now on. */
  readonly changes: EventEmitter;
  /** Ends it. */
  readonly signal: AbortSignal;
  readonly onLimit: () => void;
}

/** Carries bytes one way, as badly as the toxics say, and in their order. */
export class ToxicLink {
  private readonly underWay: Piece[] = [];
  private underWayByteCount = 0;
  private hasEnded = false;
  private carriedByteCount = 0;
  private wake: () => void = () => undefined;

  constructor(private readonly options: ToxicLinkOptions) {
    const { from } = options;
    from.on('data', (bytes: Buffer) => {
      this.take(bytes);
    });
    from.on('end', () => {
      this.hasEnded = true;
      this.wake();
    });
  }

  /** Until one end closes or the signal says so. */
  async run(): Promise<void> {
    const { from, to, signal } = this.options;
    while (!signal.aborted) {
      const piece = this.underWay.shift();
      if (piece) {
        await this.deliver(piece);
        this.underWayByteCount -= piece.bytes.length;
        if (this.underWayByteCount < UNDER_WAY_BYTE_COUNT_MAX) from.resume();
      } else if (this.hasEnded) {
        to.end();
        return;
      } else {
        await new Promise<void>((resolve) => {
          this.wake = resolve;
          signal.addEventListener('abort', () => resolve(), { once: true });
        });
      }
    }
  }

  private take(bytes: Buffer): void {
    const { from, toxics, direction } = this.options;
    this.underWay.push({ bytes, arrivesAtMs: performance.now() + delayMsOf(toxics(), direction) });
    this.underWayByteCount += bytes.length;
    if (this.underWayByteCount >= UNDER_WAY_BYTE_COUNT_MAX) from.pause();
    this.wake();
  }

  private async deliver({ bytes, arrivesAtMs }: Piece): Promise<void> {
    await this.pause(arrivesAtMs - performance.now());
    for (let rest = bytes; rest.length > 0;) {
      await this.untilOpen();
      const slicer = this.now('slicer')[0];
      const slice = rest.subarray(0, slicer?.sliceBytes ?? rest.length);
      rest = rest.subarray(slice.length);
      if (!(await this.write(slice))) return;
      if (slicer) await this.pause(slicer.pauseMs);
    }
  }

  /** @returns whether more may follow */
  private async write(bytes: Buffer): Promise<boolean> {
    const { to, onLimit, signal } = this.options;
    const limit = Math.min(...this.now('limit_data').map(({ byteCountMax }) => byteCountMax));
    const allowed = bytes.subarray(0, Math.max(0, limit - this.carriedByteCount));
    this.carriedByteCount += allowed.length;
    for (const { bytesPerSecond } of this.now('bandwidth'))
      await this.pause((allowed.length / bytesPerSecond) * 1_000);
    if (allowed.length > 0 && !to.write(allowed)) await once(to, 'drain', { signal });
    if (this.carriedByteCount < limit) return true;
    onLimit();
    return false;
  }

  private async untilOpen(): Promise<void> {
    const { changes, signal } = this.options;
    while (this.now('timeout').length > 0) await once(changes, 'change', { signal });
  }

  private async pause(ms: number): Promise<void> {
    if (ms > 0) await wait(ms, undefined, { signal: this.options.signal });
  }

  private now<Type extends Toxic['type']>(type: Type): ReturnType<typeof toxicsOf<Type>> {
    return toxicsOf(this.options.toxics(), type, this.options.direction);
  }
}
