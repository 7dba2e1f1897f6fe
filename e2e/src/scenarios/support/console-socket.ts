import { io, type Socket } from 'socket.io-client';

/** A console that is connected to an instance of the desk, as far as a restart is concerned. */
export class ConsoleSocket {
  readonly restarts: { readonly retryAfterMs: number }[] = [];

  private constructor(private readonly socket: Socket) {
    socket.on('server_restart', (notice: { retryAfterMs: number }) => this.restarts.push(notice));
  }

  /** Signs in as a demo lets anybody on loopback do, and connects. */
  static async connect(url: string): Promise<ConsoleSocket> {
    const session = await fetch(`${url}/desk/session`);
    const cookie = session.headers
      .getSetCookie()
      .map((each) => each.split(';')[0])
      .join('; ');
    const socket = io(url, {
      transports: ['websocket'],
      reconnection: false,
      path: '/live',
      extraHeaders: { cookie, origin: url },
    });
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('connect_error', reject);
    });
    return new ConsoleSocket(socket);
  }

  close(): void {
    this.socket.disconnect();
  }
}
