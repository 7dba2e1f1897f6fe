import type { Alert, LiveFrame, TenantId } from '@veto/domain';
import { aTransactionPayload } from '@veto/testing';
import { io, type Socket } from 'socket.io-client';
import type { TestServer } from '../a-server.spec-support';
import { DEMO_TENANT } from '../keys/demo-key';

/** A console: keeps every frame, and resumes where it was. */
export class TestConsole {
  readonly frames: LiveFrame[] = [];
  readonly alerts: Alert[] = [];
  readonly restarts: number[] = [];
  lastTo: number | null;
  readonly #socket: Socket;

  constructor(server: TestServer, cookie: string, after: number | null) {
    this.lastTo = after;
    this.#socket = io(server.url, {
      path: '/live',
      transports: ['websocket'],
      reconnection: false,
      extraHeaders: { cookie, origin: server.url },
      forceNew: true,
    });
    this.#socket.on('connect', () => this.subscribe(this.lastTo));
    this.#socket.on('frame', (frame: LiveFrame) => this.#take(frame));
    this.#socket.on('server_restart', ({ retryAfterMs }: { retryAfterMs: number }) =>
      this.restarts.push(retryAfterMs),
    );
  }

  subscribe(after: number | null): void {
    this.#socket.emit('subscribe', { after }, (reply: { from: number } | { error: string }) => {
      if ('from' in reply) this.lastTo ??= reply.from;
    });
  }

  get isConnected(): boolean {
    return this.#socket.connected;
  }

  close(): void {
    this.#socket.disconnect();
  }

  #take(frame: LiveFrame): void {
    // Nothing may lie between two frames.
    if (this.frames.length > 0) expect(frame.from).toBe(this.lastTo);
    expect(frame.alerts.length + frame.patches.length).toBeLessThanOrEqual(200);
    this.frames.push(frame);
    this.alerts.push(...frame.alerts);
    this.lastTo = frame.to;
  }
}

let count = 0;
/** So many payments at once, through the same door as those that come by HTTP. */
export async function attack(server: TestServer, size: number): Promise<string[]> {
  const arrivals = Array.from({ length: size }, () => {
    const id = `ord_l${++count}`;
    const payload = aTransactionPayload({
      transaction: { id, occurred_at: new Date().toISOString() },
      merchant: null,
      card: { fingerprint: `cfp_${id}` },
      customer: null,
      device: null,
      ip: null,
    });
    return {
      tenantId: DEMO_TENANT as TenantId,
      payload,
      receivedAtMs: Date.now(),
      parseMs: 0,
      deadlineMs: 60_000,
    };
  });
  const ids: string[] = [];
  for (let i = 0; i < arrivals.length; i += 500) {
    const scored = await Promise.all(
      arrivals.slice(i, i + 500).map((arrival) => server.runtime.door.score(arrival)),
    );
    for (const each of scored) if (each.status === 'decided') ids.push(each.record.decision.id);
  }
  return ids;
}

/** The decisions that the alerts are about. */
export const idsOf = (alerts: readonly Alert[]): string[] => alerts.map((alert) => alert.decisionId);
