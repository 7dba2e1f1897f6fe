import type { ShardState } from '@veto/store';
import type { Findings } from './findings';
import type { EpochOfShard, PlaceOrder } from './place-order';

export interface PlacesChecked {
  readonly placeCount: number;
  readonly epochCount: number;
  /** Places of an epoch whose shared state was lost that never came onto the log: nobody was answered from them. */
  readonly lostWithStateCount: number;
}

/** I9: no place of an epoch is missing, and every epoch begins above all that were given before it. */
export function checkPlaces({ ofOneProcess, ofShards }: PlaceOrder, findings: Findings): PlacesChecked {
  for (const epoch of ofOneProcess) tellGaps(gapsOf(epoch, 1), epoch.name, findings);
  const highestBefore = Math.max(0, ...ofOneProcess.map(lastSeqOf));
  let lostWithStateCount = 0;
  for (const epochs of ofShards) lostWithStateCount += checkShard(epochs, highestBefore, findings);
  const all = [...ofOneProcess, ...ofShards.flat()];
  return {
    placeCount: all.reduce((sum, { events }) => sum + events.length, 0),
    epochCount: all.length,
    lostWithStateCount,
  };
}

/** @returns how many places were lost with the shared state, which is no fault */
function checkShard(epochs: readonly EpochOfShard[], highestBefore: number, findings: Findings): number {
  let lostCount = 0;
  let highest = highestBefore;
  epochs.forEach((epoch, i) => {
    if (epoch.opened === null) return;
    const firstSeq = epoch.opened.opened.first_seq;
    if (firstSeq <= highest)
      findings.add(
        'I9',
        'epoch_wrong',
        epoch.name,
        `begins at seq ${firstSeq}, and ${highest} was given out before it`,
      );
    const due = firstSeq + epoch.numbered.length;
    const gaps = gapsOf(epoch, due);
    const reason = epochs[i + 1]?.opened?.opened.reason;
    if (reason === 'lost' || reason === 'behind')
      lostCount += gaps.reduce((sum, { from, to }) => sum + to - from + 1, 0);
    else tellGaps(gaps, epoch.name, findings);
    highest = Math.max(highest, due - 1, lastSeqOf(epoch));
  });
  return lostCount;
}

/** The same against the shared state: it serves the last epoch of the log, and handed out no place that is not there. */
export function checkPlacesInRedis(
  { ofShards }: PlaceOrder,
  states: readonly Pick<ShardState, 'shard' | 'opened' | 'seq'>[],
  findings: Findings,
): void {
  for (const { shard, opened, seq } of states) {
    const last = ofShards[shard]?.at(-1);
    const name = `shard ${shard}`;
    if (last === undefined || last.epoch !== opened?.epoch) {
      const said = `Redis serves epoch ${opened?.epoch ?? 'none'}, the log's last is ${last?.epoch ?? 'none'}`;
      findings.add('I9', 'epoch_wrong', name, said);
      continue;
    }
    const firstSeq = last.opened?.opened.first_seq ?? 1;
    const onLog = Math.max(firstSeq + last.numbered.length - 1, lastSeqOf(last));
    if (seq > onLog)
      findings.add(
        'I9',
        'seq_gap',
        last.name,
        `seq ${onLog + 1} … ${seq} were given out and are not on the log`,
      );
    if (seq < onLog)
      findings.add('I9', 'epoch_wrong', last.name, `Redis is at seq ${seq}, the log at ${onLog}`);
  }
}

function lastSeqOf({ events }: EpochOfShard): number {
  return events.at(-1)?.seq ?? 0;
}

interface Gap {
  readonly from: number;
  readonly to: number;
}

/** Runs of numbers that are missing from `due` up to the last event. */
function gapsOf({ events }: EpochOfShard, due: number): Gap[] {
  const gaps: Gap[] = [];
  let next = due;
  for (const { seq } of events) {
    if (seq > next) gaps.push({ from: next, to: seq - 1 });
    next = Math.max(next, seq + 1);
  }
  return gaps;
}

function tellGaps(gaps: readonly Gap[], where: string, findings: Findings): void {
  for (const { from, to } of gaps) {
    const which = from === to ? `seq ${from} is` : `seq ${from} … ${to} are`;
    findings.add('I9', 'seq_gap', where, `${which} not on the log`);
  }
}
