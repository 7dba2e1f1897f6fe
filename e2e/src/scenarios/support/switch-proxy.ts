import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** An address whose server can be changed: what an address that fails over is to its clients. */
export class SwitchProxy {
  readonly #sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private target: number,
  ) {
    server.on('connection', (client) => this.#serve(client));
  }

  static async start(target: number): Promise<SwitchProxy> {
    const server = createServer({ noDelay: true });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new SwitchProxy(server, target);
  }

  get port(): number {
    const address = this.server.address();
    if (address === null || typeof address === 'string') throw new Error('not listening');
    return address.port;
  }

  /** New connections go there, and those that are open break. */
  pointTo(port: number): void {
    this.target = port;
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  async stop(): Promise<void> {
    this.server.close();
    this.pointTo(this.target);
    await once(this.server, 'close');
  }

  #serve(client: Socket): void {
    const server = connect({ port: this.target, host: '127.0.0.1', noDelay: true });
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.#sockets.delete(socket);
        client.destroy();
        server.destroy();
      });
    }
    client.pipe(server).pipe(client);
  }
}
