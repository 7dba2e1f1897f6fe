import type { LogBatch, LogCut, StoredLogRecord, Topic } from '@veto/domain';
import type { SimLogOptions } from './sim-log.spec-support';

const RETRY_MS = 100;
const FETCH_MS = 0.5;
const BATCH_COUNT_MAX = 12;
/** Between two records of a copy lies now and then a checkpoint, which nobody reads. */
const POSITION_STEP = 2;

type Listener = (records: readonly StoredLogRecord[]) => void;

/** The local copy of the log, as far as it has followed: partitions in the order in which their records came here. */
export class SimCopy {
  readonly #options: SimLogOptions;
  readonly #listeners = new Set<Listener>();
  #isFetching = false;

  constructor(options: SimLogOptions) {
    this.#options = options;
    const { broker, owner, disk, faults } = options;
    if (faults.has('copy_loses_place') && disk.copy.length > 0)
      for (const [name, { length }] of broker.partitions) disk.copyNext.set(name, length);
    const stop = broker.onAppend(() => (owner.isAlive ? this.#fetchSoon() : stop()));
    this.#fetchSoon();
  }

  #fetchSoon(): void {
    if (this.#isFetching) return;
    this.#isFetching = true;
    const { time, chance, network, owner } = this.#options;
    time.at(network.arrival(time.nowMs) + chance.around(FETCH_MS), () => this.#fetch(), owner);
  }

  #fetch(): void {
    const { time, broker, network, owner } = this.#options;
    if (!broker.isUp || network.isStalled(time.nowMs)) {
      time.after(RETRY_MS, () => this.#fetch(), owner);
      return;
    }
    const fetched = this.#take();
    this.#isFetching = false;
    if (this.#isBehind()) this.#fetchSoon();
    if (fetched.length > 0) for (const listener of [...this.#listeners]) listener(fetched);
  }

  /** Some records of some partitions, each partition's in its order, durable with how far that is. */
  #take(): readonly StoredLogRecord[] {
    const { broker, chance, disk } = this.#options;
    const fetched: StoredLogRecord[] = [];
    const names = [...broker.partitions.keys()];
    const first = chance.below(names.length);
    for (let i = 0; i < names.length; i++) {
      const name = names[(first + i) % names.length]!;
      const held = broker.partitions.get(name)!;
      const from = disk.copyNext.get(name) ?? 0;
      const to = Math.min(held.length, from + 1 + chance.below(BATCH_COUNT_MAX));
      const positions = disk.positions.get(name) ?? [];
      for (let offset = from; offset < to; offset++) {
        const position = disk.copy.length * POSITION_STEP;
        const record: StoredLogRecord = { ...held[offset]!, position };
        disk.copy.push(record);
        positions[offset] = position;
        fetched.push(record);
      }
      disk.positions.set(name, positions);
      disk.copyNext.set(name, Math.max(from, to));
    }
    return fetched;
  }

  #isBehind(): boolean {
    const { broker, disk } = this.#options;
    for (const [name, { length }] of broker.partitions)
      if ((disk.copyNext.get(name) ?? 0) < length) return true;
    return false;
  }

  positionOf(partition: string, offset: number): number {
    return this.#options.disk.positions.get(partition)?.[offset] ?? this.end();
  }

  cut(): LogCut {
    return Object.fromEntries(this.#options.disk.copyNext);
  }

  end(): number {
    const { length } = this.#options.disk.copy;
    return length === 0 ? -1 : (length - 1) * POSITION_STEP;
  }

  read(after: number, recordCountMax: number, topics: readonly Topic[] | undefined): LogBatch {
    const { copy } = this.#options.disk;
    const records: StoredLogRecord[] = [];
    for (let i = Math.floor(after / POSITION_STEP) + 1; i < copy.length; i++) {
      if (records.length >= recordCountMax) return { records, to: records.at(-1)!.position };
      const record = copy[i]!;
      if (topics === undefined || topics.includes(record.topic)) records.push(record);
    }
    return { records, to: Math.max(after, this.end()) };
  }

  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
