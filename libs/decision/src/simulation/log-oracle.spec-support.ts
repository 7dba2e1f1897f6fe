import {
  readHistoryTimeMs,
  TOPICS,
  unpackApplied,
  writeHistorySeq,
  HISTORY_RECORD_BYTES,
  HISTORY_RECORD_COUNT_MAX,
  type EpochOpened,
} from '@veto/domain';
import { shardOf } from '@veto/store';
import { labelKeyOf } from '../history-event-of';
import type { BrokerRecord, SimBroker } from './sim-broker.spec-support';

/** A record of the log and where it lies. */
export interface LyingRecord {
  readonly record: BrokerRecord;
  readonly partition: string;
  readonly offset: number;
}

/** Something that took effect on histories, or is to. */
export interface LoggedEvent {
  readonly id: string;
  readonly epoch: number;
  /** 0 = it has no place. */
  readonly seq: number;
  readonly timeMs: number;
  readonly entityKeys: readonly string[];
  readonly bytes: Uint8Array;
  readonly lies: LyingRecord;
}

/** One epoch of one shard: what it began with and what came in it, by seq. */
export interface OracleEpoch {
  readonly opened: EpochOpened;
  readonly events: readonly LoggedEvent[];
  /** What the next epoch says of why it was opened; null = this is the last. */
  readonly endedBy: EpochOpened['reason'] | null;
  /** The first sequence number whose event is not on the log, or of which there are two; Infinity when there is none. */
  readonly wholeTo: number;
  readonly gapCount: number;
  readonly twiceCount: number;
}

const decoder = new TextDecoder();

export function recordsOf(broker: SimBroker, topic: string): LyingRecord[] {
  return [...broker.partitions]
    .filter(([partition]) => partition.startsWith(`${topic}/`))
    .flatMap(([partition, records]) => records.map((record, offset) => ({ record, partition, offset })));
}

/** Slow and obvious: what lies on the log, in the order that the ports promise. */
export class LogOracle {
  readonly events: readonly LoggedEvent[];
  readonly #epochs: readonly EpochOpened[];
  readonly #shardCount: number;

  constructor(broker: SimBroker, shardCount: number) {
    this.#shardCount = shardCount;
    const records = [...recordsOf(broker, TOPICS.decisions), ...recordsOf(broker, TOPICS.labels)];
    this.events = records.flatMap((lies) => eventOf(lies));
    const seen = new Set<string>();
    this.#epochs = recordsOf(broker, TOPICS.epochs)
      .map(({ record }) => JSON.parse(decoder.decode(record.value)) as EpochOpened)
      .filter(({ shard, epoch }) => !seen.has(`${shard}|${epoch}`) && seen.add(`${shard}|${epoch}`));
  }

  /** Oldest first. */
  epochsOf(shard: number): readonly OracleEpoch[] {
    const opened = this.#epochs.filter((one) => one.shard === shard);
    const events = this.events.filter(
      ({ id }) => shardOf(id.slice(0, id.indexOf('|')), this.#shardCount) === shard,
    );
    return opened.map((one, i) => epochOf(one, events, opened[i + 1]?.reason ?? null));
  }
}

function eventOf(lies: LyingRecord): LoggedEvent[] {
  const { topic, key, value, seq = 0, epoch = 0, applied } = lies.record;
  if (applied === undefined) return [];
  const { entityKeys, record } = unpackApplied(applied);
  const id = topic === TOPICS.labels ? labelIdOf(value) : key;
  return [{ id, epoch, seq, timeMs: readHistoryTimeMs(record), entityKeys, bytes: record, lies }];
}

export function labelIdOf(value: Uint8Array): string {
  const { tenant_id, label } = JSON.parse(decoder.decode(value)) as {
    readonly tenant_id: string;
    readonly label: Parameters<typeof labelKeyOf>[1];
  };
  return `${labelKeyOf(tenant_id, label)}|label`;
}

function epochOf(
  opened: EpochOpened,
  events: readonly LoggedEvent[],
  endedBy: EpochOpened['reason'] | null,
): OracleEpoch {
  const begins = beginningOf(opened, events);
  const own = new Map<number, LoggedEvent>();
  const twice = new Set<number>();
  for (const event of events) {
    if (event.epoch !== opened.epoch || event.seq === 0) continue;
    const other = own.get(event.seq);
    if (other === undefined) own.set(event.seq, event);
    else if (other.id !== event.id) twice.add(event.seq);
  }
  const placed = [...own.values()].sort((a, b) => a.seq - b.seq);
  const due = opened.first_seq + begins.numberedCount;
  let next = due;
  let wholeTo = Math.min(Infinity, ...twice);
  let gapCount = 0;
  for (const { seq } of placed) {
    if (seq > next) {
      wholeTo = Math.min(wholeTo, next);
      gapCount += seq - next;
    }
    next = Math.max(next, seq + 1);
  }
  const all = [...begins.events, ...placed];
  return { opened, events: all, endedBy, wholeTo, gapCount, twiceCount: twice.size };
}

/** Every event before the cut, once: those with a place by it, then the others by their own time. */
function beginningOf(
  { epoch, cut, first_seq }: EpochOpened,
  events: readonly LoggedEvent[],
): { readonly events: readonly LoggedEvent[]; readonly numberedCount: number } {
  const placed = new Map<string, LoggedEvent>();
  const unplaced = new Map<string, LoggedEvent>();
  for (const event of events) {
    const { partition, offset } = event.lies;
    if (offset >= (cut[partition] ?? 0) || event.epoch >= epoch) continue;
    const first = event.seq > 0 ? placed : unplaced;
    if (!first.has(event.id)) first.set(event.id, event);
  }
  const numbered = [...unplaced.values()]
    .filter(({ id }) => !placed.has(id))
    .sort((a, b) => a.timeMs - b.timeMs || (a.id < b.id ? -1 : 1))
    .map((event, i) => ({ ...event, seq: first_seq + i }));
  // A number that was given twice is no order: then the records' own bytes are.
  const sorted = [...placed.values()].sort((a, b) => a.seq - b.seq || Buffer.compare(a.bytes, b.bytes));
  return { events: [...sorted, ...numbered], numberedCount: numbered.length };
}

/** Histories, filled event by event. */
export class OracleHistories {
  readonly #records = new Map<string, Uint8Array[]>();

  add({ entityKeys, bytes, seq }: LoggedEvent): void {
    const own = bytes.slice();
    writeHistorySeq(own, seq);
    for (const key of entityKeys) {
      const records = this.#records.get(key);
      if (records === undefined) this.#records.set(key, [own]);
      else records.push(own);
    }
  }

  of(key: string): Uint8Array {
    const records = (this.#records.get(key) ?? []).slice(-HISTORY_RECORD_COUNT_MAX);
    const bytes = new Uint8Array(records.length * HISTORY_RECORD_BYTES);
    records.forEach((record, i) => bytes.set(record, i * HISTORY_RECORD_BYTES));
    return bytes;
  }

  all(): readonly (readonly [string, Uint8Array])[] {
    return [...this.#records.keys()].map((key) => [key, this.of(key)] as const);
  }
}
