import { readHistoryTimeMs } from '@veto/domain';
import type { Findings } from './findings';
import type { EpochSeen, LogEvidence, PlacedEvent, UnplacedEvent } from './log-evidence';
import { isBefore, isSameApplied } from './record-parts';

/** The shard that has everything of a tenant. */
export type ShardOf = (tenantId: string, shardCount: number) => number;

/** What an epoch begins with: everything before its cut, each event once. */
export interface Beginning {
  /** Those that had a place in an earlier epoch, by seq. */
  readonly placed: readonly PlacedEvent[];
  /** Those that had none, by their own time and id; they are numbered from the epoch's first seq. */
  readonly numbered: readonly (UnplacedEvent & { readonly seq: number })[];
}

/** One epoch of one shard, with what took its place in it, by seq, each place once. */
export interface EpochOfShard {
  /** For people: `epoch 2` or `shard 0, epoch 2`. */
  readonly name: string;
  readonly epoch: number;
  /** Null for an epoch of one process, which numbers all tenants together and which nobody has to open. */
  readonly opened: EpochSeen | null;
  readonly beginning: Beginning;
  readonly events: readonly PlacedEvent[];
}

/** The order of everything that took effect. */
export interface PlaceOrder {
  /** Epochs of a log in one process, oldest first; those of a cluster follow them when it was moved there. */
  readonly ofOneProcess: readonly EpochOfShard[];
  /** For each shard its epochs, oldest first; none when the log was never a cluster's. */
  readonly ofShards: readonly (readonly EpochOfShard[])[];
}

const NOTHING_BEFORE: Beginning = { placed: [], numbered: [] };

/** Puts what the log says in order. What is wrong with the order itself is found here. */
export function placeOrderOf(evidence: LogEvidence, shardOf: ShardOf, findings: Findings): PlaceOrder {
  const events = byPlace(evidence.events);
  const opened = new Set(evidence.epochs.map((seen) => seen.opened.epoch));
  const shardCount =
    opened.size === 0 ? 0 : Math.max(...evidence.epochs.map((seen) => seen.opened.shard)) + 1;
  const unopened = [...new Set(events.map(({ epoch }) => epoch))].filter((epoch) => !opened.has(epoch));
  const ofOneProcess = unopened.map((epoch) => ({
    name: `epoch ${epoch}`,
    epoch,
    opened: null,
    beginning: NOTHING_BEFORE,
    events: eachPlaceOnce(events, epoch, findings),
  }));
  const ofShards = Array.from({ length: shardCount }, (_, shard) => {
    const isOwn = ({ tenantId }: { readonly tenantId: string }): boolean =>
      shardOf(tenantId, shardCount) === shard;
    const own = {
      inLogOrder: evidence.events.filter(isOwn),
      byPlace: events.filter(isOwn),
      unplaced: [...evidence.unplaced.values()].filter(isOwn),
    };
    return [...openingsOf(evidence.epochs, shard, findings)].map(([epoch, seen]) => ({
      name: `shard ${shard}, epoch ${epoch}`,
      epoch,
      opened: seen,
      beginning: beginningOf(seen, own),
      events: eachPlaceOnce(own.byPlace, epoch, findings),
    }));
  });
  tellNeverOpened({ ofOneProcess, ofShards }, events, { shardOf, findings });
  return { ofOneProcess, ofShards };
}

function byPlace(events: readonly PlacedEvent[]): PlacedEvent[] {
  return [...events].sort((a, b) => a.epoch - b.epoch || a.seq - b.seq);
}

/** One place with two events is no order; one event with two contents is no event. */
function eachPlaceOnce(sorted: readonly PlacedEvent[], epoch: number, findings: Findings): PlacedEvent[] {
  const once: PlacedEvent[] = [];
  for (const event of sorted) {
    if (event.epoch !== epoch) continue;
    const last = once.at(-1);
    if (last === undefined || last.seq !== event.seq) once.push(event);
    else if (last.id !== event.id)
      findings.add('I9', 'seq_twice', placeOf(event), `the place of both ${last.id} and ${event.id}`);
    else if (!isSameApplied(last.applied, event.applied))
      findings.add(
        'I5',
        'applied_differs',
        event.id,
        `${placeOf(event)}: two copies that do not do the same`,
      );
  }
  return once;
}

/** An epoch is opened once: of two records the first counts, and the next epoch is the next number. */
function openingsOf(epochs: readonly EpochSeen[], shard: number, findings: Findings): Map<number, EpochSeen> {
  const openings = new Map<number, EpochSeen>();
  let latest = 0;
  for (const seen of epochs) {
    const { opened } = seen;
    if (opened.shard !== shard || openings.has(opened.epoch)) continue;
    if (opened.epoch <= latest) {
      findings.add(
        'I9',
        'epoch_wrong',
        `shard ${shard}`,
        `epoch ${opened.epoch} was opened after epoch ${latest}`,
      );
      continue;
    }
    openings.set(opened.epoch, seen);
    latest = opened.epoch;
  }
  return openings;
}

/** In a cluster every shard opens its epochs by itself: an epoch that only another shard opened is none of this one's. */
function tellNeverOpened(
  { ofShards }: PlaceOrder,
  events: readonly PlacedEvent[],
  { shardOf, findings }: { readonly shardOf: ShardOf; readonly findings: Findings },
): void {
  const openedSomewhere = new Set(ofShards.flat().map(({ epoch }) => epoch));
  const told = new Set<string>();
  for (const event of events) {
    if (!openedSomewhere.has(event.epoch)) continue;
    const shard = shardOf(event.tenantId, ofShards.length);
    if (ofShards[shard]?.some(({ epoch }) => epoch === event.epoch) === true) continue;
    const name = `shard ${shard}, epoch ${event.epoch}`;
    if (!told.has(name))
      findings.add('I9', 'epoch_wrong', name, `was never opened, and has the place of ${event.id}`);
    told.add(name);
  }
}

/** An event with two places has the one that was first on the log; its records are in one partition. */
function beginningOf(
  { opened }: EpochSeen,
  of: {
    readonly inLogOrder: readonly PlacedEvent[];
    readonly unplaced: readonly UnplacedEvent[];
  },
): Beginning {
  const known = new Set<string>();
  const placed: PlacedEvent[] = [];
  for (const event of of.inLogOrder) {
    if (event.epoch >= opened.epoch || !isBefore(event.lies, opened.cut) || known.has(event.id)) continue;
    known.add(event.id);
    placed.push(event);
  }
  placed.sort((a, b) => a.seq - b.seq);
  const numbered = of.unplaced
    .filter(({ id, lies }) => isBefore(lies, opened.cut) && !known.has(id))
    .sort((a, b) => readHistoryTimeMs(a.applied) - readHistoryTimeMs(b.applied) || (a.id < b.id ? -1 : 1))
    .map((event, i) => ({ ...event, seq: opened.first_seq + i }));
  return { placed, numbered };
}

export function placeOf({ epoch, seq }: { readonly epoch: number; readonly seq: number }): string {
  return `epoch ${epoch}, seq ${seq}`;
}
