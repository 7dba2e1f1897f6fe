import { readHistoryTimeMs } from '@veto/domain';
import type { Findings } from './findings';
import type { EpochSeen, LogEvidence, PlacedEvent, UnplacedEvent } from './log-evidence';
import { compareApplied, isBefore, isSameApplied } from './record-parts';

/** The shard that has everything of a tenant. */
export type ShardOf = (tenantId: string, shardCount: number) => number;

/** An event that had no place when an epoch opened, with the one that it got. */
export type NumberedEvent = UnplacedEvent & { readonly seq: number };

/** One epoch of one shard. It begins with everything before its cut, each event once. */
export interface EpochOfShard {
  /** For people: `epoch 2` or `shard 0, epoch 2`. */
  readonly name: string;
  readonly epoch: number;
  /** Null for an epoch of one process, which numbers all tenants together, begins with nothing, and which nobody has to open. */
  readonly opened: EpochSeen | null;
  /** Events before the cut that had a place in an earlier epoch, by seq. Made anew at each call. */
  readonly placed: () => readonly PlacedEvent[];
  /** Those that had none, by their own time and id; they are numbered from the epoch's first seq. */
  readonly numbered: readonly NumberedEvent[];
  /** What took its place in this epoch, by seq, each place once. */
  readonly events: readonly PlacedEvent[];
}

/** The order of everything that took effect. */
export interface PlaceOrder {
  /** Epochs of a log in one process, oldest first; those of a cluster follow them when it was moved there. */
  readonly ofOneProcess: readonly EpochOfShard[];
  /** For each shard its epochs, oldest first; none when the log was never a cluster's. */
  readonly ofShards: readonly (readonly EpochOfShard[])[];
}

/** What the log says of one shard, in the order of the log. */
interface OwnEvents {
  readonly events: PlacedEvent[];
  readonly unplaced: UnplacedEvent[];
}

/** Puts what the log says in order. What is wrong with the order itself is found here. */
export function placeOrderOf(evidence: LogEvidence, shardOf: ShardOf, findings: Findings): PlaceOrder {
  const opened = new Set(evidence.epochs.map((seen) => seen.opened.epoch));
  const shardCount =
    opened.size === 0 ? 0 : Math.max(...evidence.epochs.map((seen) => seen.opened.shard)) + 1;
  const ofOneProcess = [...byEpoch(evidence.events.filter(({ epoch }) => !opened.has(epoch)))]
    .sort(([a], [b]) => a - b)
    .map(([epoch, events]) => ({
      ...{ name: `epoch ${epoch}`, epoch, opened: null, placed: () => [], numbered: [] },
      events: eachPlaceOnce(events, findings),
    }));
  const ofShards = spreadOver(shardCount, shardOf, evidence).map((own, shard) => {
    const events = byEpoch(own.events);
    const openings = openingsOf(evidence.epochs, shard, findings);
    for (const [epoch, [first]] of events)
      if (opened.has(epoch) && !openings.has(epoch)) {
        const name = `shard ${shard}, epoch ${epoch}`;
        findings.add('I9', 'epoch_wrong', name, `was never opened, and has the place of ${first?.id}`);
      }
    return [...openings].map(([epoch, seen]) => ({
      ...{ name: `shard ${shard}, epoch ${epoch}`, epoch, opened: seen },
      placed: () => placedBefore(seen, own),
      numbered: numberedIn(seen, own),
      events: eachPlaceOnce(events.get(epoch) ?? [], findings),
    }));
  });
  return { ofOneProcess, ofShards };
}

/** By shard, in the order of the log. */
function spreadOver(shardCount: number, shardOf: ShardOf, evidence: LogEvidence): OwnEvents[] {
  const shards = Array.from({ length: shardCount }, (): OwnEvents => ({ events: [], unplaced: [] }));
  if (shardCount === 0) return shards;
  const known = new Map<string, OwnEvents>();
  const ownOf = (tenantId: string): OwnEvents => {
    let own = known.get(tenantId);
    if (own === undefined) known.set(tenantId, (own = shards[shardOf(tenantId, shardCount)]!));
    return own;
  };
  for (const event of evidence.events) ownOf(event.tenantId).events.push(event);
  for (const event of evidence.unplaced.values()) ownOf(event.tenantId).unplaced.push(event);
  return shards;
}

function byEpoch(events: readonly PlacedEvent[]): Map<number, PlacedEvent[]> {
  const epochs = new Map<number, PlacedEvent[]>();
  for (const event of events) {
    const own = epochs.get(event.epoch);
    if (own === undefined) epochs.set(event.epoch, [event]);
    else own.push(event);
  }
  return epochs;
}

/** One place with two events is no order; one event with two contents is no event. */
function eachPlaceOnce(events: readonly PlacedEvent[], findings: Findings): PlacedEvent[] {
  const inOrder = [...events].sort((a, b) => a.seq - b.seq);
  const once: PlacedEvent[] = [];
  for (let from = 0, to = 0; from < inOrder.length; from = to) {
    const { seq } = inOrder[from]!;
    do to++;
    while (inOrder[to]?.seq === seq);
    once.push(to - from === 1 ? inOrder[from]! : holderOf(inOrder.slice(from, to), findings));
  }
  return once;
}

/** Who has a place: of an event's copies the first, and of several events the one that a state puts first. */
function holderOf(claimants: readonly PlacedEvent[], findings: Findings): PlacedEvent {
  const firsts: PlacedEvent[] = [];
  for (const event of claimants) {
    const first = firsts.find(({ id }) => id === event.id);
    if (first === undefined) firsts.push(event);
    else if (!isSameApplied(first.applied, event.applied))
      findings.add(
        'I5',
        'applied_differs',
        event.id,
        `${placeOf(event)}: two copies that do not do the same`,
      );
  }
  const [holder, ...others] = firsts.sort(byPlace);
  for (const { id } of others)
    findings.add('I9', 'seq_twice', placeOf(holder!), `the place of both ${holder!.id} and ${id}`);
  return holder!;
}

/** A place that was given out twice says nothing of the order: then the records' own bytes do, as in every state. */
function byPlace(a: PlacedEvent, b: PlacedEvent): number {
  return a.seq - b.seq || compareApplied(a.applied, b.applied) || (a.id < b.id ? -1 : 1);
}

/** An epoch is opened once, and each after the one before it: of two records the first counts. */
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

/** An event with two places has the one that was first on the log; its records are in one partition. */
function placedBefore({ opened }: EpochSeen, { events }: OwnEvents): PlacedEvent[] {
  const known = new Set<string>();
  const placed: PlacedEvent[] = [];
  for (const event of events) {
    if (event.epoch >= opened.epoch || !isBefore(event.lies, opened.cut) || known.has(event.id)) continue;
    known.add(event.id);
    placed.push(event);
  }
  return placed.sort(byPlace);
}

function numberedIn({ opened }: EpochSeen, { events, unplaced }: OwnEvents): NumberedEvent[] {
  const left = new Map<string, UnplacedEvent>();
  for (const event of unplaced) if (isBefore(event.lies, opened.cut)) left.set(event.id, event);
  if (left.size === 0) return [];
  for (const { id, epoch, lies } of events)
    if (epoch < opened.epoch && left.has(id) && isBefore(lies, opened.cut)) left.delete(id);
  return [...left.values()]
    .sort((a, b) => readHistoryTimeMs(a.applied) - readHistoryTimeMs(b.applied) || (a.id < b.id ? -1 : 1))
    .map((event, i) => ({ ...event, seq: opened.first_seq + i }));
}

export function placeOf({ epoch, seq }: { readonly epoch: number; readonly seq: number }): string {
  return `epoch ${epoch}, seq ${seq}`;
}
