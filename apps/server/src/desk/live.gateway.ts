import {
  FRAME_INTERVAL_MS,
  type Clock,
  type ConsoleToServer,
  type ServerToConsole,
  type SubscribeReply,
} from '@veto/domain';
import { Inject } from '@nestjs/common';
import {
  SubscribeMessage,
  WebSocketGateway,
  WebSocketServer,
  type OnGatewayConnection,
  type OnGatewayDisconnect,
  type OnGatewayInit,
} from '@nestjs/websockets';
import type { Server, Socket } from 'socket.io';
import { z } from 'zod';
import { DESK, type DeskServices } from './desk-services';
import { LiveClient, type FrameSink } from './live-client';
import { bufferedBytesOf } from './socket-buffer';

type Events<T> = { [Name in keyof T]: T[Name] };
type ConsoleSocket = Socket<Events<ConsoleToServer>, Events<ServerToConsole>>;
type ConsoleServer = Server<Events<ConsoleToServer>, Events<ServerToConsole>>;

/** Path of the socket on the console's own origin. */
export const LIVE_PATH = '/live';
/** Consoles wait at least this long before they come back after a restart, in ms. */
const RESTART_RETRY_MS = 1_000;
const SUBSCRIBE_INTERVAL_MS = 200;

const subscribeSchema = z.strictObject({
  after: z.number().int().min(-1).nullable(),
  logId: z.string().max(64).optional(),
});

/** Who sits at the socket's other end, put there by the handshake. */
export interface SocketData {
  tenantId: string;
  cookie: string | undefined;
}

/** The live queue: a frame each 100 ms to every console that is subscribed, fed by the log and by nothing else. */
@WebSocketGateway({ path: LIVE_PATH })
export class LiveGateway implements OnGatewayInit, OnGatewayConnection, OnGatewayDisconnect {
  @WebSocketServer() readonly server!: ConsoleServer;
  readonly #desk: DeskServices;
  readonly #clock: Clock;
  readonly #clients = new Map<string, { readonly client: LiveClient; readonly socket: ConsoleSocket }>();
  readonly #subscribedAtMs = new Map<string, number>();
  #timer: NodeJS.Timeout | null = null;

  constructor(@Inject(DESK) desk: DeskServices) {
    this.#desk = desk;
    this.#clock = desk.clock;
  }

  afterInit(): void {
    this.#timer = setInterval(() => this.#pumpAll(), FRAME_INTERVAL_MS);
  }

  handleConnection(): void {
    this.#desk.telemetry.consoleConnected();
  }

  handleDisconnect(socket: ConsoleSocket): void {
    this.#clients.delete(socket.id);
    this.#subscribedAtMs.delete(socket.id);
    this.#desk.telemetry.consoleLeft();
  }

  /**
   * From where this console wants to be told. A cursor of another log, by name or since it is beyond this one's end,
   * means nothing here: the console is told the end and the name of this log, and loads the queue anew.
   */
  @SubscribeMessage('subscribe')
  subscribe(socket: ConsoleSocket, request: unknown): SubscribeReply | { readonly error: string } {
    const parsed = subscribeSchema.safeParse(request);
    if (!parsed.success) return { error: 'subscribe takes {after: position | null, logId?}' };
    const nowMs = this.#clock.nowMs();
    if (nowMs - (this.#subscribedAtMs.get(socket.id) ?? -Infinity) < SUBSCRIBE_INTERVAL_MS)
      return { error: 'subscribed too often' };
    this.#subscribedAtMs.set(socket.id, nowMs);
    const { tenantId } = socket.data as SocketData;
    const { source, telemetry } = this.#desk;
    const isOfThisLog = (parsed.data.logId ?? source.logId) === source.logId;
    const wanted = isOfThisLog ? parsed.data.after : null;
    const after = Math.min(wanted ?? source.position, source.position);
    const client = new LiveClient({
      tenantId,
      source,
      after,
      clock: this.#clock,
      sink: sinkOf(socket),
      events: {
        skipped: (count) => telemetry.consoleSkipped(count),
        kicked: (bytes) => telemetry.consoleKicked(bytes),
      },
    });
    this.#clients.set(socket.id, { client, socket });
    return { from: after, logId: source.logId };
  }

  /** Tells every console to come back later, and lets go of them. */
  announceRestart(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#clients.clear();
    this.server.emit('server_restart', {
      retryAfterMs: RESTART_RETRY_MS + Math.floor(Math.random() * RESTART_RETRY_MS),
    });
    this.server.disconnectSockets(true);
  }

  #pumpAll(): void {
    const nowMs = this.#clock.nowMs();
    for (const { client, socket } of this.#clients.values()) {
      // Whoever was signed out is out, on the socket too.
      if (!this.#desk.sessions.isLive((socket.data as SocketData).cookie, nowMs)) socket.disconnect(true);
      else client.pump().catch((error: unknown) => this.#giveUp(socket, error));
    }
  }

  #giveUp(socket: ConsoleSocket, error: unknown): void {
    this.#desk.telemetry.requestFailed(`socket ${socket.id}`, error);
    socket.disconnect(true);
  }
}

function sinkOf(socket: ConsoleSocket): FrameSink {
  return {
    send: (frame) => socket.emit('frame', frame),
    bufferedBytes: () => bufferedBytesOf(socket),
    disconnect: () => socket.disconnect(true),
  };
}
