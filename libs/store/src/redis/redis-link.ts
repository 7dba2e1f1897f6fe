import { createClient } from 'redis';
import { redisAddress, type RedisAddress } from './redis-address';
import { LIBRARY_CODE } from './redis-function';

/** Bulk strings as bytes. */
const AS_BYTES = { typeMapping: { 36: Buffer } } as const;
/** The same code again is as good as none. */
const LOAD_LIBRARY = ['FUNCTION', 'LOAD', 'REPLACE', LIBRARY_CODE];
const CONNECT_TIMEOUT_MS = 1_000;
/** A server that takes a connection and then says nothing is not waited for longer. */
const GREET_TIMEOUT_MS = 1_000;
const RECONNECT_MS_MIN = 20;
const RECONNECT_MS_MAX = 250;

export type RedisArgument = string | Buffer;
/** What a function or a read of ours is answered with. */
export type Reply = number | Buffer | null | readonly Reply[];

/** A call that was not answered in its time: it may have been done, or may still be. */
export const MISSED = Symbol('missed');

/** A wait is counted in so many parts, each of which counts as its own length however late this process comes to it. */
const PART_COUNT = 4;
/** Of a process that is late all the time, a wait is over after so many times its length all the same. */
const LATE_FACTOR_MAX = 2;

/**
 * Resolves with `MISSED` after so many ms in which this process could have seen the answer: while it did something else
 * for long, it had not sent the call, or not looked at what had arrived, and neither says anything of whoever was called.
 */
export function within<T>(answer: Promise<T>, ms: number): Promise<T | typeof MISSED> {
  return new Promise((resolve, reject) => {
    const latestMs = performance.now() + LATE_FACTOR_MAX * ms;
    const partMs = Math.ceil(ms / PART_COUNT);
    let leftCount = PART_COUNT;
    const onPartOver = (): void => {
      leftCount -= 1;
      if (leftCount > 0 && performance.now() < latestMs) timer = setTimeout(onPartOver, partMs);
      // What has arrived by now is read before this comes about.
      else setImmediate(resolve, MISSED);
    };
    let timer = setTimeout(onPartOver, partMs);
    answer.then(
      (value) => {
        clearTimeout(timer);
        resolve(value);
      },
      (error: unknown) => {
        clearTimeout(timer);
        reject(error instanceof Error ? error : new Error(String(error)));
      },
    );
  });
}

type Client = ReturnType<typeof openClient>;

function openClient({ url, tls }: RedisAddress) {
  return createClient({
    url,
    // What was called while the connection was away is answered from elsewhere; it must not be done later.
    disableOfflineQueue: true,
    // Our own deadlines: a timer of the client's for each command would cost more than the command.
    commandOptions: { timeout: 0 },
    socket: {
      connectTimeout: CONNECT_TIMEOUT_MS,
      noDelay: true,
      ...tls,
      reconnectStrategy: (retries) => Math.min(RECONNECT_MS_MIN * 2 ** retries, RECONNECT_MS_MAX),
    },
  });
}

/** One connection: calls are done in the order in which they were made. It comes back by itself, and says so. */
export interface RedisLink {
  /** Which run of the server is behind this connection; null while there is none that can be used. */
  readonly runId: string | null;
  /** Rejects when the server refuses, or the connection breaks. */
  call(args: readonly RedisArgument[]): Promise<Reply>;
  /** The functions went missing. */
  reloadLibrary(): Promise<void>;
  /** Drops a connection that does not answer, with everything that waits on it, and makes another. */
  restart(): void;
  close(): void;
}

/** @param onDown told when the connection broke: what is behind the next one may be another server */
export type OpenRedisLink = (url: string, onDown: () => void) => RedisLink;

export const openRedisLink: OpenRedisLink = (url, onDown) => new SocketLink(url, onDown);

class SocketLink implements RedisLink {
  readonly #address: RedisAddress;
  readonly #onDown: () => void;
  #client: Client;
  #runId: string | null = null;
  #greetTimer: NodeJS.Timeout | null = null;
  #isClosed = false;

  constructor(url: string, onDown: () => void) {
    this.#address = redisAddress(url);
    this.#onDown = onDown;
    this.#client = this.#connect();
  }

  #connect(): Client {
    const client = openClient(this.#address);
    const isCurrent = (): boolean => client === this.#client && !this.#isClosed;
    const down = (): void => {
      if (!isCurrent()) return;
      this.#runId = null;
      this.#onDown();
    };
    // Every call that needed it was told; the state of the connection is all that is left to note.
    client.on('error', down);
    client.on('reconnecting', down);
    client.on('connect', () => {
      if (isCurrent()) this.#expectGreeting();
    });
    client.on('ready', () => {
      if (isCurrent()) void this.#greet(client);
    });
    void client.connect().catch(down);
    return client;
  }

  /** The client has no deadline of its own for what follows the connection: a half-open one would be waited on for ever. */
  #expectGreeting(): void {
    if (this.#greetTimer !== null) clearTimeout(this.#greetTimer);
    this.#greetTimer = setTimeout(() => {
      this.#greetTimer = null;
      if (this.#runId === null) this.restart();
    }, GREET_TIMEOUT_MS);
  }

  /** Which server this is, and whether it has our functions. */
  async #greet(client: Client): Promise<void> {
    try {
      const info = String(await client.sendCommand(['INFO', 'server']));
      await client.sendCommand(LOAD_LIBRARY);
      const runId = /^run_id:(\w+)/m.exec(info)?.[1] ?? null;
      if (client === this.#client) this.#runId = runId;
    } catch {
      // It broke again, or is not ready to serve: not to be used, and looked at again.
      if (client === this.#client && !this.#isClosed)
        setTimeout(() => this.#regreet(client), RECONNECT_MS_MAX);
    }
  }

  #regreet(client: Client): void {
    if (client === this.#client && client.isReady && !this.#isClosed) void this.#greet(client);
  }

  get runId(): string | null {
    return this.#client.isReady ? this.#runId : null;
  }

  call(args: readonly RedisArgument[]): Promise<Reply> {
    return this.#client.sendCommand<Reply>(args as RedisArgument[], AS_BYTES);
  }

  async reloadLibrary(): Promise<void> {
    await this.#client.sendCommand(LOAD_LIBRARY);
  }

  restart(): void {
    if (this.#isClosed) return;
    const old = this.#client;
    this.#runId = null;
    this.#client = this.#connect();
    destroy(old);
    this.#onDown();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.#greetTimer !== null) clearTimeout(this.#greetTimer);
    destroy(this.#client);
  }
}

/** A client that is between two attempts to connect is open, and one that gave up is not. */
function destroy(client: Client): void {
  if (client.isOpen) client.destroy();
}
