import type { RedisArgument, RedisLink, Reply } from '@veto/store';
import type { Chance } from './chance.spec-support';
import type { Network } from './network.spec-support';
import type { SimRedisServer } from './sim-redis-server.spec-support';
import type { Owner, VirtualTime } from './virtual-time.spec-support';

const RECONNECT_MS_MIN = 20;
const RECONNECT_MS_MAX = 250;

interface Asked {
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: Error) => void;
}

export interface SimRedisLinkOptions {
  readonly time: VirtualTime;
  readonly chance: Chance;
  readonly owner: Owner;
  readonly network: Network;
  readonly server: SimRedisServer;
  readonly onDown: () => void;
}

/** A connection as `RedisLink` promises it: in order, slow at times, and when it breaks nobody knows what was done. */
export class SimRedisLink implements RedisLink {
  readonly #options: SimRedisLinkOptions;
  readonly #forget: () => void;
  readonly #asked = new Set<Asked>();
  #runId: string | null = null;
  #generation = 0;
  #arrivesAtMs = 0;
  #repliesAtMs = 0;
  #isClosed = false;

  constructor(options: SimRedisLinkOptions) {
    this.#options = options;
    const stopListening = options.server.onDown(() => this.breakDown());
    const stopKnowing = options.network.addLink(this);
    this.#forget = () => {
      stopListening();
      stopKnowing();
    };
    this.#connect(RECONNECT_MS_MIN);
  }

  get runId(): string | null {
    return this.#runId;
  }

  #connect(retryMs: number): void {
    const { time, server, owner, network } = this.#options;
    const generation = this.#generation;
    time.at(
      network.arrival(time.nowMs),
      () => {
        if (generation !== this.#generation || this.#isClosed) return;
        if (server.isUp) this.#runId = server.runId;
        else
          time.after(
            retryMs,
            () => generation === this.#generation && this.#connect(Math.min(retryMs * 2, RECONNECT_MS_MAX)),
            owner,
          );
      },
      owner,
    );
  }

  call(args: readonly RedisArgument[]): Promise<Reply> {
    if (this.#runId === null || this.#isClosed) return Promise.reject(new Error('The client is offline'));
    const { time, network } = this.#options;
    const generation = this.#generation;
    this.#arrivesAtMs = Math.max(this.#arrivesAtMs, network.arrival(time.nowMs));
    return new Promise((resolve, reject) => {
      const asked = { resolve, reject };
      this.#asked.add(asked);
      time.at(this.#arrivesAtMs, () => this.#arrive(args, asked, generation), null);
    });
  }

  /** At the server: it does what it is asked, also when the connection broke behind the request. */
  #arrive(args: readonly RedisArgument[], asked: Asked, generation: number): void {
    const { time, chance, server, owner, network } = this.#options;
    if (!server.isUp || (generation !== this.#generation && chance.isTrue(0.5))) return;
    let reply: Reply = null;
    let refusal: Error | null = null;
    try {
      reply = server.call(args);
    } catch (error) {
      refusal = error as Error;
    }
    this.#repliesAtMs = Math.max(this.#repliesAtMs, network.arrival(time.nowMs));
    time.at(
      this.#repliesAtMs,
      () => {
        if (generation !== this.#generation || !this.#asked.delete(asked)) return;
        if (refusal === null) asked.resolve(reply);
        else asked.reject(refusal);
      },
      owner,
    );
  }

  /** The connection breaks; it is made again by itself. */
  breakDown(): void {
    if (this.#isClosed) return;
    const { time, owner } = this.#options;
    this.#drop();
    time.after(
      0,
      () => {
        const asked = [...this.#asked];
        this.#asked.clear();
        for (const { reject } of asked) reject(new Error('Socket closed unexpectedly'));
        this.#options.onDown();
        this.#connect(RECONNECT_MS_MIN);
      },
      owner,
    );
  }

  #drop(): void {
    this.#generation += 1;
    this.#runId = null;
  }

  async reloadLibrary(): Promise<void> {
    await this.call(['GET', 'library']);
  }

  restart(): void {
    if (this.#isClosed) return;
    this.#drop();
    for (const { reject } of [...this.#asked]) reject(new Error('Disconnects client'));
    this.#asked.clear();
    this.#connect(RECONNECT_MS_MIN);
    this.#options.onDown();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#drop();
    for (const { reject } of [...this.#asked]) reject(new Error('Disconnects client'));
    this.#asked.clear();
    this.#forget();
  }
}
