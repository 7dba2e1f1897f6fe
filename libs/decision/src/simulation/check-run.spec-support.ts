import { TOPICS, transactionOf, type DecisionRecord, type TenantId } from '@veto/domain';
import { computeFeatures, entityKeysOf } from '@veto/features';
import { digestOfHistories } from '@veto/store';
import { labelKeyOf } from '../history-event-of';
import { parseDecisionRecord } from '../record-codec';
import { prepare } from '../prepare-arrival';
import { keyOf, type Answer, type Journal } from './journal.spec-support';
import {
  labelIdOf,
  LogOracle,
  OracleHistories,
  recordsOf,
  type OracleEpoch,
} from './log-oracle.spec-support';
import type { SimBroker } from './sim-broker.spec-support';

/** What was promised and was not kept. */
export interface Violation {
  readonly invariant: 'I1' | 'I2' | 'I3' | 'I4' | 'I5' | 'I6' | 'I9';
  readonly subject: string;
  readonly says: string;
}

/** What happened, for whoever wants to know that it was worth a look. */
export interface Tally {
  decisions: number;
  answers: number;
  repeated: number;
  vectors: number;
  labels: number;
  epochs: number;
  secondOnLog: number;
  local: number;
  wal: number;
  /** Answers that the documented exceptions explain. */
  excusedCutOff: number;
  excusedUnseen: number;
  excusedForgotten: number;
  /** Epochs in which a place was given twice, since Redis had lost its end. */
  forked: number;
  /** Vectors of an epoch whose state was lost with events in it that nobody was told of. */
  unprovable: number;
}

/** One automatic decision of an id: its bytes, and what they say. */
interface Decided {
  readonly value: Uint8Array;
  readonly record: DecisionRecord;
  readonly body: string;
  readonly places: (readonly [epoch: number, seq: number])[];
}

export interface Checked {
  readonly violations: readonly Violation[];
  readonly tally: Tally;
}

/** Checks what clients were told against what lies on the log, and both against the state; by nothing else. */
export function checkRun(of: {
  readonly journal: Journal;
  readonly broker: SimBroker;
  readonly shardCount: number;
  /** Whether a Redis ever lost its end, and went on: places that nobody knew of may then have been given twice. */
  readonly wentBack: boolean;
  /** Of the state that instances share, as each of them says. */
  readonly digests: readonly string[];
}): Checked {
  const check = new RunCheck(of);
  return check.run(of.digests);
}

class RunCheck {
  readonly #journal: Journal;
  readonly #broker: SimBroker;
  readonly #shardCount: number;
  readonly #wentBack: boolean;
  /** Whether places were given twice in the epoch that is served at the end. */
  #endsForked = false;
  readonly #violations: Violation[] = [];
  /** By id, in the order of the log; the first is the decision. */
  readonly #decided = new Map<string, Decided[]>();
  readonly #tally: Tally = {
    decisions: 0,
    answers: 0,
    repeated: 0,
    vectors: 0,
    labels: 0,
    epochs: 0,
    secondOnLog: 0,
    local: 0,
    wal: 0,
    excusedCutOff: 0,
    excusedUnseen: 0,
    excusedForgotten: 0,
    forked: 0,
    unprovable: 0,
  };

  constructor({ journal, broker, shardCount, wentBack }: Omit<Parameters<typeof checkRun>[0], 'digests'>) {
    this.#journal = journal;
    this.#broker = broker;
    this.#shardCount = shardCount;
    this.#wentBack = wentBack;
  }

  run(digests: readonly string[]): Checked {
    this.#readDecisions();
    for (const answer of this.#journal.answers) this.#checkAnswer(answer);
    this.#checkAllTold();
    this.#checkLabels();
    const oracle = new LogOracle(this.#broker, this.#shardCount);
    const last = Array.from({ length: this.#shardCount }, (_, shard) =>
      this.#checkShard(oracle.epochsOf(shard)),
    );
    const expected = digestOfHistories(last.flatMap((histories) => histories.all()));
    for (const [instance, digest] of digests.entries())
      if (digest !== expected && !this.#endsForked)
        this.#tell('I5', `instance ${instance}`, 'the histories are not what the log makes of them');
    return { violations: this.#violations, tally: this.#tally };
  }

  #tell(invariant: Violation['invariant'], subject: string, says: string): void {
    this.#violations.push({ invariant, subject, says });
  }

  #readDecisions(): void {
    for (const { record: lying } of recordsOf(this.#broker, TOPICS.decisions)) {
      const { key, value, epoch = 0, seq = 0 } = lying;
      const known = this.#decided.get(key) ?? [];
      const same = known.find((one) => Buffer.compare(one.value, value) === 0);
      if (same !== undefined) {
        same.places.push([epoch, seq]);
        this.#tally.repeated += 1;
        continue;
      }
      const record = parseDecisionRecord(value);
      if (record.schema !== 'decision.v1') continue;
      const body = JSON.stringify(record.decision);
      known.push({ value, record, body, places: [[epoch, seq]] });
      this.#decided.set(key, known);
      this.#tally.decisions += 1;
      if (known.length > 1) this.#tally.secondOnLog += 1;
      if (record.silent.includes('histories')) this.#tally.local += 1;
    }
  }

  /** I1, I2, I3: what a client was told is on the log, and is the first there of its id. */
  #checkAnswer({ payment, body, durability, instance, toldAtMs }: Answer): void {
    const key = keyOf(payment);
    const decisions = this.#decided.get(key) ?? [];
    const [first] = decisions;
    this.#tally.answers += 1;
    if (durability === 'wal') this.#tally.wal += 1;
    const own = decisions.find((one) => one.body === body);
    const where = `instance ${instance} at ${toldAtMs.toFixed(1)} ms, durable in the ${durability}`;
    if (own === undefined) {
      this.#tell('I1', key, `what was answered is not on the log (${where})`);
      return;
    }
    if (own.record.fingerprint !== prepare({ ...payment, receivedAtMs: 0 }).fingerprint)
      this.#tell('I2', key, `the decision that was answered is of another body (${where})`);
    if (own === first) return;
    const isAlone = own.record.seq === 0 || first!.record.seq === 0;
    if (durability === 'wal' && isAlone) this.#tally.excusedCutOff += 1;
    else if (durability === 'wal' && own.record.epoch !== first!.record.epoch)
      this.#tally.excusedForgotten += 1;
    else if (first!.record.seq === 0 && own.record.seq > 0) this.#tally.excusedUnseen += 1;
    else this.#tell('I2', key, `what was answered is not the first decision on the log (${where})`);
  }

  #checkAllTold(): void {
    const told = new Set([...this.#journal.answered.keys(), ...this.#journal.refused.map(keyOf)]);
    for (const payment of this.#journal.payments)
      if (!told.has(keyOf(payment)))
        this.#tell('I1', keyOf(payment), 'nobody was ever told what became of it');
  }

  #checkLabels(): void {
    const logged = new Set(
      recordsOf(this.#broker, TOPICS.labels).map(({ record }) => labelIdOf(record.value)),
    );
    this.#tally.labels = logged.size;
    for (const { tenantId, label, isAcknowledged } of this.#journal.labels) {
      const key = labelKeyOf(tenantId, label);
      if (!isAcknowledged) this.#tell('I1', key, 'the label was never taken');
      else if (!logged.has(`${key}|label`))
        this.#tell('I1', key, 'the label was acknowledged, and is not on the log');
    }
    for (const { tenantId, label } of this.#journal.deniedLabels)
      this.#tell('I3', labelKeyOf(tenantId, label), 'a label was refused of a payment that was answered');
  }

  /** @returns the histories that the last epoch has now */
  #checkShard(epochs: readonly OracleEpoch[]): OracleHistories {
    let histories = new OracleHistories();
    for (const epoch of epochs) {
      this.#tally.epochs += 1;
      histories = this.#checkEpoch(epoch);
    }
    return histories;
  }

  #checkEpoch(epoch: OracleEpoch): OracleHistories {
    const { opened, events, endedBy, gapCount, twiceCount } = epoch;
    const name = `shard ${opened.shard}, epoch ${opened.epoch}`;
    const isForked = twiceCount > 0 && this.#wentBack;
    if (isForked) this.#tally.forked += 1;
    this.#endsForked ||= isForked && endedBy === null;
    const isLost = endedBy === 'lost' || endedBy === 'behind' || isForked;
    if (gapCount > 0 && !isLost) this.#tell('I9', name, `${gapCount} places are not on the log`);
    if (twiceCount > 0 && !isLost) this.#tell('I9', name, `${twiceCount} places were given twice`);
    const histories = new OracleHistories();
    let last = 0;
    for (const event of events) {
      this.#checkVectors(event.id, epoch, event.seq, histories);
      histories.add(event);
      if (event.seq < last || (event.seq === last && twiceCount > 0 && !isLost))
        this.#tell('I9', name, `seq ${event.seq} comes after ${last}`);
      last = event.seq;
    }
    return histories;
  }

  /** I4, I6: it saw exactly what had a smaller number. */
  #checkVectors(id: string, epoch: OracleEpoch, seq: number, histories: OracleHistories): void {
    for (const { record, places } of this.#decided.get(id) ?? []) {
      if (record.seq !== seq || record.epoch !== epoch.opened.epoch) continue;
      if (!places.some(([ofEpoch, ofSeq]) => ofEpoch === record.epoch && ofSeq === seq)) continue;
      if (seq >= epoch.wholeTo && (epoch.endedBy !== null || this.#wentBack)) {
        this.#tally.unprovable += 1;
        continue;
      }
      const transaction = transactionOf(record.transaction, {
        tenantId: record.tenant_id as TenantId,
        receivedAtMs: record.received_at_ms,
      });
      const { values } = computeFeatures({
        transaction,
        seq,
        histories: entityKeysOf(transaction).map(({ kind, key }) => ({ kind, bytes: histories.of(key) })),
      });
      this.#tally.vectors += 1;
      const differing = record.features.filter((value, i) => !Object.is(value ?? NaN, values[i]));
      if (differing.length > 0)
        this.#tell(
          'I4',
          id,
          `at epoch ${record.epoch}, seq ${seq}, ${differing.length} features are not what the log makes of them`,
        );
    }
  }
}
