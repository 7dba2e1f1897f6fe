import {
  cutIncludes,
  TOPICS,
  VetoError,
  type EventLog,
  type LogBatch,
  type LogCut,
  type LogQuery,
  type LogRecord,
  type StoredLogRecord,
} from '@veto/domain';
import { KafkaWriter } from '@veto/log';
import type { Chance } from './chance.spec-support';
import type { Network } from './network.spec-support';
import type { PlantedFault } from './planted-faults.spec-support';
import type { SimBroker } from './sim-broker.spec-support';
import { SimCopy } from './sim-copy.spec-support';
import type { SimDisk } from './sim-disk.spec-support';
import { SimSender } from './sim-sender.spec-support';
import { SimSpool } from './sim-spool.spec-support';
import type { Owner, VirtualTime } from './virtual-time.spec-support';

const READABLE_WITHIN_MS = 10_000;
const LATEST_WITHIN_MS = 10_000;

export interface SimLogOptions {
  readonly time: VirtualTime;
  readonly chance: Chance;
  readonly owner: Owner;
  readonly network: Network;
  readonly broker: SimBroker;
  readonly disk: SimDisk;
  readonly lostShare: number;
  readonly faults: ReadonlySet<PlantedFault>;
  nowMs(): number;
}

/** The log on Kafka as one instance has it: its real writer over a simulated network, disk and broker. */
export class SimLog implements EventLog {
  readonly #options: SimLogOptions;
  readonly #writer: KafkaWriter;
  readonly #spool: SimSpool;
  readonly #copy: SimCopy;

  constructor(options: SimLogOptions) {
    this.#options = options;
    this.#spool = new SimSpool(options);
    this.#copy = new SimCopy(options);
    this.#writer = new KafkaWriter({
      sender: new SimSender(options),
      spool: this.#spool,
      partitionOf: (record) => options.broker.partitionOf(record),
      slowAfterMs: 300,
      batchIntervalMs: 2,
      waitingRecordCountMax: 65_536,
      waitingBytesMax: 64 * 1024 * 1024,
      onTrouble: () => undefined,
    });
  }

  async append(records: readonly LogRecord[]): Promise<void> {
    if (this.#options.faults.has('label_not_logged') && records[0]?.topic === TOPICS.labels) return;
    const appended = this.#append(records);
    if (this.#options.faults.has('answered_before_append')) appended.catch(() => undefined);
    else await appended;
  }

  #append(records: readonly LogRecord[]): Promise<readonly number[] | null> {
    const appendedAtMs = this.#options.nowMs();
    return this.#writer.append(
      records.map((record) => ({
        record: { ...record, appendedAtMs },
        partition: this.#options.broker.partitionOf(record),
      })),
    );
  }

  async appendReadable(records: readonly LogRecord[]): Promise<number | null> {
    const offsets = await this.#append(records);
    if (offsets === null) return null;
    const names = records.map((record) => `${record.topic}/${this.#options.broker.partitionOf(record)}`);
    const wanted: Record<string, number> =
      records.length > 0
        ? Object.fromEntries(names.map((name, i) => [name, offsets[i]! + 1]))
        : await this.latest();
    if (!(await this.reached(wanted, READABLE_WITHIN_MS)))
      throw new VetoError('log_unavailable', 'appended, and not readable here', { retryable: true });
    const last = names.at(-1);
    return last === undefined ? this.end() : this.#copy.positionOf(last, offsets.at(-1)!);
  }

  durability(): 'log' | 'wal' {
    return this.#spool.isEmpty ? 'log' : 'wal';
  }

  cut(): LogCut {
    return this.#copy.cut();
  }

  latest(): Promise<LogCut> {
    const { time, network, broker, owner } = this.#options;
    return new Promise((resolve, reject) => {
      time.after(
        LATEST_WITHIN_MS,
        () => reject(new VetoError('log_unavailable', 'no answer', { retryable: true })),
        owner,
      );
      time.at(
        network.arrival(time.nowMs),
        () => {
          if (!broker.isUp) return;
          const cut = broker.cut();
          time.at(network.arrival(time.nowMs), () => resolve(cut), owner);
        },
        null,
      );
    });
  }

  reached(cut: LogCut, timeoutMs: number): Promise<boolean> {
    if (this.#options.faults.has('recovery_from_old_copy')) return Promise.resolve(true);
    if (cutIncludes(this.cut(), cut)) return Promise.resolve(true);
    return new Promise((resolve) => {
      const settle = (isReached: boolean): void => {
        clearTimeout(timer);
        stop();
        resolve(isReached);
      };
      const timer = setTimeout(() => settle(false), timeoutMs);
      const stop = this.subscribe(() => {
        if (cutIncludes(this.cut(), cut)) settle(true);
      });
    });
  }

  read({ after, recordCountMax, topics }: LogQuery): Promise<LogBatch> {
    return Promise.resolve(this.#copy.read(after, recordCountMax, topics));
  }

  end(): number {
    return this.#copy.end();
  }

  subscribe(listener: (records: readonly StoredLogRecord[]) => void): () => void {
    return this.#copy.subscribe(listener);
  }

  get isDrained(): boolean {
    return this.#spool.isEmpty;
  }

  close(): Promise<void> {
    return this.#writer.close();
  }
}
