import { hash } from 'node:crypto';
import { historyEventOf, labelKeyOf, parseDecisionRecord } from '@veto/decision';
import {
  packApplied,
  TOPICS,
  type DecisionRecord,
  type EpochOpened,
  type LabelRecord,
  type StoredLogRecord,
} from '@veto/domain';
import { packVector } from './decision-spill';
import type { Findings } from './findings';
import {
  bodyBytesOf,
  isSameApplied,
  lyingOf,
  reasonOf,
  tenantOfKey,
  whereOf,
  type Lying,
} from './record-parts';
import type { Spilled, SpillFile } from './spill-file';

/** Something that took effect on histories. */
export interface AppliedAt {
  readonly type: 'payment' | 'label';
  /** `tenant|transaction id`, or the label's own key: the same event has the same, however often it is on the log. */
  readonly id: string;
  readonly tenantId: string;
  readonly applied: Uint8Array;
  readonly lies: Lying;
}

/** One that has its place in the order of things. */
export interface PlacedEvent extends AppliedAt {
  readonly epoch: number;
  readonly seq: number;
}

/** A payment that was decided without the shared state: it has no place until the next epoch. */
export type UnplacedEvent = AppliedAt;

/** A recorded vector, and the place in whose past it was computed. */
export interface VectorClaim {
  readonly id: string;
  readonly epoch: number;
  readonly seq: number;
  readonly spilled: Spilled;
  /** False for a decision that came second and is void. */
  readonly isFirst: boolean;
}

/** What the log says of one payment. The first automatic decision in its partition is the decision. */
export interface SeenDecision {
  readonly valueHash: string;
  /** SHA-256 (hex) of the body that clients are answered with. */
  readonly bodyHash: string;
  readonly spilled: Spilled;
  /** Decided on this process's own histories, since the shared state did not answer. */
  readonly isLocal: boolean;
  copyCount: number;
  /** Automatic decisions that came later, with other bytes. */
  voids: { readonly valueHash: string; readonly bodyHash: string }[] | null;
}

export interface EpochSeen {
  readonly opened: EpochOpened;
  readonly lies: Lying;
}

/** Looks at one automatic decision when it is first seen. */
export type Examine = (record: DecisionRecord, id: string) => void;

const AUTOMATIC = '{"schema":"decision.v1"';

/** Everything that a log says, gathered in one reading; what is large lies in a file meanwhile. */
export class LogEvidence {
  /** By `tenant|transaction id`. */
  readonly decisions = new Map<string, SeenDecision>();
  readonly events: PlacedEvent[] = [];
  readonly unplaced = new Map<string, UnplacedEvent>();
  readonly claims: VectorClaim[] = [];
  readonly epochs: EpochSeen[] = [];
  /** Ids that labels and revisions speak of. */
  readonly mentioned = new Set<string>();
  recordCount = 0;
  decisionRecordCount = 0;
  revisionCount = 0;
  labelCount = 0;
  readonly #labelKeys = new Set<string>();
  readonly #findings: Findings;
  readonly #spill: SpillFile;
  readonly #examine: Examine;

  constructor(of: { readonly findings: Findings; readonly spill: SpillFile; readonly examine: Examine }) {
    this.#findings = of.findings;
    this.#spill = of.spill;
    this.#examine = of.examine;
  }

  take(record: StoredLogRecord): void {
    this.recordCount++;
    try {
      this.#take(record);
    } catch (error) {
      this.#findings.add(
        'I2',
        'record_unreadable',
        record.key,
        `${whereOf(record)} cannot be read: ${reasonOf(error)}`,
      );
    }
  }

  #take(record: StoredLogRecord): void {
    switch (record.topic) {
      case TOPICS.transactions:
        return this.#takeReceived(record);
      case TOPICS.decisions:
        return this.#takeDecision(record);
      case TOPICS.labels:
        return this.#takeLabel(record);
      case TOPICS.epochs:
        this.epochs.push({ opened: JSON.parse(textOf(record)) as EpochOpened, lies: lyingOf(record) });
        return;
      default:
    }
  }

  /** A log in one process journals each payment with its place before it is decided; in Kafka they are the merchants' own. */
  #takeReceived(record: StoredLogRecord): void {
    if (record.seq === undefined) return;
    const event = historyEventOf(record);
    if (event?.type !== 'begun') return;
    this.#place(record, {
      type: 'payment',
      id: `${event.tenantId}|${event.transactionId}`,
      tenantId: event.tenantId,
      applied: packApplied(event),
      lies: lyingOf(record),
    });
  }

  #takeDecision(stored: StoredLogRecord): void {
    const value = Buffer.from(stored.value.buffer, stored.value.byteOffset, stored.value.byteLength);
    if (value.toString('latin1', 0, AUTOMATIC.length) !== AUTOMATIC) {
      this.#takeRevision(stored);
      return;
    }
    this.decisionRecordCount++;
    if ((stored.seq ?? 0) > 0) this.#placePayment(stored);
    const valueHash = hash('sha256', value, 'base64');
    const known = this.decisions.get(stored.key);
    if (known?.valueHash === valueHash) {
      known.copyCount++;
      return;
    }
    if (known?.voids?.some((other) => other.valueHash === valueHash) === true) return;
    const bodyHash = hash('sha256', bodyBytesOf(value), 'hex');
    const record = parseDecisionRecord(value) as DecisionRecord;
    const spilled = this.#spill.add(packVector(record));
    const isLocal = record.silent.includes('histories');
    if (known === undefined) {
      this.decisions.set(stored.key, { valueHash, bodyHash, spilled, isLocal, copyCount: 0, voids: null });
      if ((stored.seq ?? 0) === 0) this.#noteUnplaced(stored, record);
    } else {
      known.voids = [...(known.voids ?? []), { valueHash, bodyHash }];
    }
    if (!isLocal) {
      const { epoch, seq } = record;
      this.claims.push({ id: stored.key, epoch, seq, spilled, isFirst: known === undefined });
    }
    this.#examine(record, stored.key);
  }

  #placePayment(stored: StoredLogRecord): void {
    if (stored.applied === undefined) {
      this.#findings.add(
        'I4',
        'applied_missing',
        stored.key,
        `${whereOf(stored)} has its place (${stored.epoch}, ${stored.seq}) and does not say what it does to histories`,
      );
      return;
    }
    this.#place(stored, {
      type: 'payment',
      id: stored.key,
      tenantId: tenantOfKey(stored.key),
      applied: stored.applied.slice(),
      lies: lyingOf(stored),
    });
  }

  #noteUnplaced(stored: StoredLogRecord, record: DecisionRecord): void {
    if (stored.applied === undefined) return;
    this.unplaced.set(stored.key, {
      type: 'payment',
      id: stored.key,
      tenantId: record.tenant_id,
      applied: stored.applied.slice(),
      lies: lyingOf(stored),
    });
  }

  #place(record: StoredLogRecord, event: AppliedAt): void {
    this.events.push({ ...event, epoch: record.epoch ?? 1, seq: record.seq ?? 0 });
  }

  #takeRevision(stored: StoredLogRecord): void {
    const record = parseDecisionRecord(stored.value);
    if (record.schema !== 'decision-revision.v1')
      throw new Error('a decision that does not begin with its schema');
    this.revisionCount++;
    this.mentioned.add(`${record.tenant_id}|${record.transaction_id}`);
  }

  /** A label without a place is a merchant's own, on its way to be recorded. */
  #takeLabel(stored: StoredLogRecord): void {
    if (stored.seq === undefined) return;
    const record = JSON.parse(textOf(stored)) as LabelRecord;
    const event = historyEventOf(stored);
    if (event?.type !== 'label') throw new Error('a label that is none');
    const labelKey = labelKeyOf(record.tenant_id, record.label);
    if (!this.#labelKeys.has(labelKey)) this.labelCount++;
    this.#labelKeys.add(labelKey);
    this.mentioned.add(`${record.tenant_id}|${record.label.transaction_id}`);
    const derived = packApplied(event);
    const applied = stored.applied?.slice() ?? derived;
    if (!isSameApplied(applied, derived)) {
      this.#findings.add(
        'I5',
        'applied_differs',
        labelKey,
        `${whereOf(stored)}: what the label says is not what it did to histories`,
      );
    }
    this.#place(stored, {
      type: 'label',
      id: labelKey,
      tenantId: record.tenant_id,
      applied,
      lies: lyingOf(stored),
    });
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true });

function textOf({ value }: StoredLogRecord): string {
  return decoder.decode(value);
}
