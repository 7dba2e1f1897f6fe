import { EventEmitter, once, setMaxListeners } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { type Toxic } from './toxic';
import { ToxicLink } from './toxic-link';

/** A network that can be spoilt while the parts run. */
export interface ToxicProxy {
  readonly port: number;
  /** `127.0.0.1:<port>` */
  readonly address: string;
  /** Connections that clients hold at this moment. */
  readonly connectionCount: number;
  /** What is wrong from now on, in place of what was; with the connections that exist as well. */
  set(toxics: readonly Toxic[]): void;
  /** Nothing is wrong any more. */
  clear(): void;
  /** Resets every connection once. */
  reset(): void;
  /** Resets every connection, and refuses new ones until `accept`. */
  refuse(): Promise<void>;
  /** Takes connections again, on the same port. */
  accept(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts a proxy on a port of its own.
 * @param to port of the loopback interface where the server listens, now or later
 */
export async function startToxicProxy({ to }: { to: number }): Promise<ToxicProxy> {
  const proxy = new TcpProxy(to);
  await proxy.accept();
  return proxy;
}

class TcpProxy implements ToxicProxy {
  port = 0;
  private server: Server | null = null;
  private toxics: readonly Toxic[] = [];
  private readonly changes = new EventEmitter().setMaxListeners(0);
  private readonly connections = new Set<ToxicConnection>();

  constructor(private readonly to: number) {}

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  get connectionCount(): number {
    return this.connections.size;
  }

  set(toxics: readonly Toxic[]): void {
    this.toxics = [...toxics];
    this.changes.emit('change');
    for (const connection of this.connections) connection.suffer(this.toxics);
  }

  clear(): void {
    this.set([]);
  }

  reset(): void {
    for (const connection of this.connections) connection.reset();
  }

  async refuse(): Promise<void> {
    const server = this.server;
    this.server = null;
    if (!server) return;
    const closed = once(server, 'close');
    server.close();
    this.reset();
    await closed;
  }

  async accept(): Promise<void> {
    if (this.server) return;
    this.server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
      this.serve(client);
    });
    this.server.listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
    const address = this.server.address();
    if (typeof address === 'object' && address) this.port = address.port;
  }

  async stop(): Promise<void> {
    await this.refuse();
  }

  private serve(client: Socket): void {
    const connection = new ToxicConnection(client, this.to, () => this.toxics, this.changes);
    this.connections.add(connection);
    client.on('close', () => this.connections.delete(connection));
    connection.suffer(this.toxics);
  }
}

/** One client's connection and its other half. */
class ToxicConnection {
  private readonly ending = new AbortController();
  private readonly server: Socket;
  private readonly timers = new Set<NodeJS.Timeout>();
  private isDead = false;

  constructor(
    private readonly client: Socket,
    to: number,
    toxics: () => readonly Toxic[],
    changes: EventEmitter,
  ) {
    this.server = connect({ port: to, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    const { signal } = this.ending;
    setMaxListeners(0, signal);
    const shared = { toxics, changes, signal, onLimit: () => this.close() };
    const links = [
      new ToxicLink({ ...shared, from: client, to: this.server, direction: 'upstream' }),
      new ToxicLink({ ...shared, from: this.server, to: client, direction: 'downstream' }),
    ];
    for (const link of links) link.run().catch(() => this.reset());
    for (const socket of [client, this.server]) socket.on('error', () => this.reset());
    client.on('close', () => this.close());
  }

  /** What is wrong with the connection as a whole, rather than with its bytes. */
  suffer(toxics: readonly Toxic[]): void {
    for (const timer of this.timers) clearTimeout(timer);
    this.timers.clear();
    for (const toxic of toxics) {
      if (toxic.type === 'half_open') this.die();
      if (toxic.type === 'reset_peer') this.after(toxic.afterMs, () => this.reset());
      if (toxic.type === 'timeout' && toxic.afterMs > 0) this.after(toxic.afterMs, () => this.close());
    }
  }

  /** A reset at both ends: what was under way is lost. */
  reset(): void {
    if (this.isDead && !this.client.destroyed) this.client.resetAndDestroy();
    if (this.ending.signal.aborted) return;
    this.end();
    this.client.resetAndDestroy();
    this.server.resetAndDestroy();
  }

  /** The end at both ends, as by a server that stops. */
  private close(): void {
    if (this.ending.signal.aborted) return;
    this.end();
    this.client.destroySoon();
    this.server.destroySoon();
  }

  /** The server goes, and the client is left with a connection that takes everything and answers nothing. */
  private die(): void {
    if (this.ending.signal.aborted) return;
    this.isDead = true;
    this.end();
    this.server.resetAndDestroy();
    this.client.removeAllListeners('data');
    this.client.resume();
  }

  private end(): void {
    for (const timer of this.timers) clearTimeout(timer);
    this.ending.abort();
  }

  private after(ms: number, act: () => void): void {
    this.timers.add(setTimeout(act, ms));
  }
}
