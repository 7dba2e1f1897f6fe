import type { IncomingMessage } from 'node:http';
import type { INestApplicationContext } from '@nestjs/common';
import { IoAdapter } from '@nestjs/platform-socket.io';
import type { Clock } from '@veto/domain';
import type { Server, ServerOptions } from 'socket.io';
import type { SocketData } from './live.gateway';
import type { Sessions } from './sessions';

/** A console sends a few bytes; more is an attack. */
const MESSAGE_BYTES_MAX = 16 * 1024;

export interface HandshakeRules {
  readonly sessions: Sessions;
  readonly clock: Clock;
  /** Origins of pages that may open a socket; known once the port is. */
  readonly isAllowedOrigin: (origin: string) => boolean;
}

/**
 * socket.io as the desk needs it: websocket only, and refused at the handshake without the right origin and session.
 * The library's own CORS setting does not protect websockets.
 */
export class LiveAdapter extends IoAdapter {
  readonly #rules: HandshakeRules;

  constructor(app: INestApplicationContext, rules: HandshakeRules) {
    super(app);
    this.#rules = rules;
  }

  override createIOServer(port: number, options?: Partial<ServerOptions>): Server {
    const server = super.createIOServer(port, {
      ...(options as ServerOptions),
      transports: ['websocket'],
      allowUpgrades: false,
      serveClient: false,
      perMessageDeflate: false,
      httpCompression: false,
      maxHttpBufferSize: MESSAGE_BYTES_MAX,
      connectTimeout: 10_000,
      pingInterval: 10_000,
      pingTimeout: 10_000,
      cors: { origin: false },
      allowRequest: (request, decide) => decide(null, this.#isWelcome(request)),
    }) as Server;
    server.use((socket, next) => {
      const session = this.#rules.sessions.find(socket.request.headers.cookie, this.#rules.clock.nowMs());
      if (session === null) {
        next(new Error('unauthenticated'));
        return;
      }
      const data: SocketData = { tenantId: session.analyst.tenant, cookie: socket.request.headers.cookie };
      Object.assign(socket.data as object, data);
      next();
    });
    return server;
  }

  #isWelcome(request: IncomingMessage): boolean {
    const { origin, cookie } = request.headers;
    if (origin === undefined || !this.#rules.isAllowedOrigin(origin)) return false;
    return this.#rules.sessions.isLive(cookie, this.#rules.clock.nowMs());
  }
}
