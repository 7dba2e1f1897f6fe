import type { EventLog, LogRecord, StoredLogRecord } from '@veto/domain';
import { createMemoryLog } from '@veto/log';
import { aClock } from '@veto/testing';
import { readAllOf } from './embedded-source';

/** A log whose records can be held back on their way, as those of a slow instance are. */
export class SlowLog {
  readonly memory: EventLog;
  isHolding = false;
  #held: { readonly records: readonly LogRecord[]; readonly append: () => void }[] = [];

  constructor() {
    this.memory = createMemoryLog({ clock: aClock() });
  }

  get port(): EventLog {
    const append = (records: readonly LogRecord[]): Promise<void> => {
      if (!this.isHolding) return this.memory.append(records);
      return new Promise((resolve, reject) => {
        this.#held.push({ records, append: () => void this.memory.append(records).then(resolve, reject) });
      });
    };
    const { memory } = this;
    return {
      append,
      appendReadable: async (records) => {
        await append(records);
        return memory.end();
      },
      durability: () => 'log',
      cut: () => memory.cut(),
      latest: () => memory.latest(),
      reached: (cut, timeoutMs) => memory.reached(cut, timeoutMs),
      read: (query) => memory.read(query),
      end: () => memory.end(),
      subscribe: (listener) => memory.subscribe(listener),
      close: () => memory.close(),
    };
  }

  release(): void {
    this.isHolding = false;
    for (const { append } of this.#held) append();
    this.#held = [];
  }

  /** Everything that arrived, as it lies in three partitions of each topic. */
  async arrived(): Promise<StoredLogRecord[]> {
    const records: StoredLogRecord[] = [];
    await readAllOf(this.memory, (batch) => records.push(...batch));
    const offsets = new Map<string, number>();
    return records.map((record) => {
      const partition = record.key.charCodeAt(record.key.length - 1) % 3;
      const name = `${record.topic}/${partition}`;
      const offset = offsets.get(name) ?? 0;
      offsets.set(name, offset + 1);
      return { ...record, source: { partition, offset } };
    });
  }
}
