import { syncBuiltinESMExports } from 'node:module';
import timersPromises from 'node:timers/promises';

/** Whose code an event runs: what belongs to a process that was killed never runs, and that of a stopped one later. */
export interface Owner {
  isAlive: boolean;
  /** Stopped until then, as by SIGSTOP; 0 = it runs. */
  stoppedUntilMs: number;
}

/** One thing that will happen; also what `setTimeout` hands out. */
export class Event {
  readonly order: number;
  readonly run: () => void;
  readonly owner: Owner | null;
  atMs: number;
  isCancelled = false;

  constructor(of: {
    readonly atMs: number;
    readonly order: number;
    readonly run: () => void;
    readonly owner: Owner | null;
  }) {
    this.atMs = of.atMs;
    this.order = of.order;
    this.run = of.run;
    this.owner = of.owner;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }
}

interface PauseOptions {
  readonly signal?: AbortSignal;
}

const realSetImmediate = setImmediate;

/**
 * The only time there is in a simulation: events in order, each run to its end, with everything that its promises bring
 * about, before the next. Timers of the code under test are events of whoever was running when they were set.
 */
export class VirtualTime {
  readonly #events: Event[] = [];
  #nowMs = 0;
  #nextOrder = 0;
  #owner: Owner | null = null;

  get nowMs(): number {
    return this.#nowMs;
  }

  /** @param owner null = the world: it runs whatever became of the processes, and has no promises to wait for */
  at(atMs: number, run: () => void, owner: Owner | null): Event {
    const event = new Event({ atMs: Math.max(atMs, this.#nowMs), order: this.#nextOrder++, run, owner });
    this.#push(event);
    return event;
  }

  after(ms: number, run: () => void, owner: Owner | null): Event {
    return this.at(this.#nowMs + ms, run, owner);
  }

  /** Runs what is due until then. */
  async runUntil(untilMs: number): Promise<void> {
    for (;;) {
      const event = this.#events[0];
      if (event === undefined || event.atMs > untilMs) break;
      this.#pop();
      if (event.isCancelled || event.owner?.isAlive === false) continue;
      if (event.owner !== null && event.owner.stoppedUntilMs > event.atMs) {
        event.atMs = event.owner.stoppedUntilMs;
        this.#push(event);
        continue;
      }
      this.#nowMs = event.atMs;
      this.#owner = event.owner;
      event.run();
      // All microtasks run before this does.
      if (event.owner !== null) await new Promise<void>((resolve) => realSetImmediate(resolve));
      this.#owner = null;
    }
    this.#nowMs = Math.max(this.#nowMs, untilMs);
  }

  /** From now on timers and the stopwatch of this process are this time's. @returns how to undo it */
  install(): () => void {
    const real = {
      setTimeout: globalThis.setTimeout,
      clearTimeout: globalThis.clearTimeout,
      setInterval: globalThis.setInterval,
      clearInterval: globalThis.clearInterval,
      setImmediate: globalThis.setImmediate,
      clearImmediate: globalThis.clearImmediate,
      performance: globalThis.performance,
    };
    const realPause = timersPromises.setTimeout;
    const cancel = (event: Event | undefined | null): void => {
      if (event !== undefined && event !== null) event.isCancelled = true;
    };
    define({
      setTimeout: (run: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) =>
        this.after(Math.max(ms, 0.001), () => run(...args), this.#owner),
      clearTimeout: cancel,
      setInterval: (run: () => void, ms: number) => this.#every(ms, run),
      clearInterval: cancel,
      setImmediate: (run: (...args: unknown[]) => void, ...args: unknown[]) =>
        this.after(0, () => run(...args), this.#owner),
      clearImmediate: cancel,
      performance: Object.create(real.performance, {
        now: { value: () => this.#nowMs },
      }) as typeof performance,
    });
    Object.assign(timersPromises, {
      setTimeout: (ms: number, value: unknown, options: PauseOptions = {}) => this.#pause(ms, value, options),
    });
    syncBuiltinESMExports();
    return () => {
      define(real);
      Object.assign(timersPromises, { setTimeout: realPause });
      syncBuiltinESMExports();
    };
  }

  #every(ms: number, run: () => void): { isCancelled: boolean } {
    const handle = { isCancelled: false };
    const owner = this.#owner;
    const again = (): void => {
      if (handle.isCancelled) return;
      run();
      this.after(ms, again, owner);
    };
    this.after(ms, again, owner);
    return handle;
  }

  #pause(ms: number, value: unknown, { signal }: PauseOptions): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const event = this.after(Math.max(ms, 0.001), () => resolve(value), this.#owner);
      const abort = (): void => {
        event.isCancelled = true;
        reject(new DOMException('The operation was aborted', 'AbortError'));
      };
      if (signal?.aborted === true) abort();
      else signal?.addEventListener('abort', abort, { once: true });
    });
  }

  /** A binary heap, the earliest first; of one time the one that was set first. */
  #push(event: Event): void {
    const heap = this.#events;
    let at = heap.push(event) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(event, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = event;
  }

  #pop(): void {
    const heap = this.#events;
    const last = heap.pop();
    if (heap.length === 0 || last === undefined) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child += 1;
      if (!isBefore(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}

function define(globals: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(globals))
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
}
