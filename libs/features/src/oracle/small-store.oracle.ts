import {
  ENTITY_KINDS,
  HISTORY_RECORD_BYTES,
  writeHistorySeq,
  type EntityKind,
  type FeatureVector,
  type Transaction,
} from '@veto/domain';
import { computeFeatures } from '../compute-features';
import { entityKeysOf, entityValueOf } from '../entity-keys';
import { featureSet } from '../feature-set';
import { encodeLabelRecord, encodePaymentRecord, type LabelFacts } from '../record-codec';

/** A payment or a label as the line took it in, in order of seq; a label names the entities of its payment. */
export type StreamEvent = PaymentEvent | LabelEvent;

interface EventBase {
  readonly seq: number;
  readonly transaction: Transaction;
  readonly entities: Readonly<Record<EntityKind, string | null>>;
}

export interface PaymentEvent extends EventBase {
  readonly kind: 'payment';
}

export interface LabelEvent extends EventBase {
  readonly kind: 'label';
  readonly label: LabelFacts;
}

/** What the line took in, and how each history stood when each payment was begun. */
export interface EventStream {
  readonly events: readonly StreamEvent[];
  readonly begun: readonly BegunPayment[];
  /** Whole histories at the end of the stream, by entity key. */
  readonly histories: ReadonlyMap<string, Uint8Array>;
}

export interface BegunPayment {
  readonly transaction: Transaction;
  readonly seq: number;
  /** By entity key. */
  readonly histories: ReadonlyMap<string, Uint8Array>;
}

function entitiesOf({ payload }: Transaction): Record<EntityKind, string | null> {
  const valueOf = (kind: EntityKind): [EntityKind, string | null] => [kind, entityValueOf(payload, kind)];
  return Object.fromEntries(ENTITY_KINDS.map(valueOf)) as Record<EntityKind, string | null>;
}

/** The simplest store there could be: takes events in, one by one, and keeps every record of every history. */
export class SmallStore implements EventStream {
  readonly events: StreamEvent[] = [];
  readonly begun: BegunPayment[] = [];
  readonly histories = new Map<string, Uint8Array>();
  #seq = 7;

  /** Takes a payment in, as `begin` does. */
  pay(transaction: Transaction): void {
    const seq = this.#seq++;
    const keys = entityKeysOf(transaction).map(({ key }) => key);
    const histories = new Map(keys.map((key) => [key, this.histories.get(key) ?? new Uint8Array(0)]));
    this.begun.push({ transaction, seq, histories });
    this.events.push({ kind: 'payment', seq, transaction, entities: entitiesOf(transaction) });
    this.#append(keys, seq, encodePaymentRecord(transaction));
  }

  label(transaction: Transaction, label: LabelFacts): void {
    const seq = this.#seq++;
    this.events.push({ kind: 'label', seq, transaction, entities: entitiesOf(transaction), label });
    this.#append(
      entityKeysOf(transaction).map(({ key }) => key),
      seq,
      encodeLabelRecord(label),
    );
  }

  #append(keys: readonly string[], seq: number, record: Uint8Array): void {
    writeHistorySeq(record, seq);
    for (const key of keys) {
      const before = this.histories.get(key) ?? new Uint8Array(0);
      const after = new Uint8Array(before.length + HISTORY_RECORD_BYTES);
      after.set(before);
      after.set(record, before.length);
      this.histories.set(key, after);
    }
  }
}

/** The fast way's vector of a payment, from the histories as they were handed out. */
export function vectorOf(
  { transaction, seq }: BegunPayment,
  histories: ReadonlyMap<string, Uint8Array>,
): FeatureVector {
  const own = entityKeysOf(transaction).map(({ kind, key }) => ({
    kind,
    bytes: histories.get(key) ?? new Uint8Array(0),
  }));
  return computeFeatures({ transaction, seq, histories: own });
}

/** Takes a payment in and returns its features by name, and the names of the truncated ones. */
export function featuresOf(store: SmallStore, transaction: Transaction): NamedFeatures {
  store.pay(transaction);
  const begun = store.begun[store.begun.length - 1]!;
  const { values, truncated } = vectorOf(begun, begun.histories);
  const named = featureSet.definitions.map(({ name }, i) => [name, values[i]!] as const);
  return { value: Object.fromEntries(named), truncated };
}

export interface NamedFeatures {
  readonly value: Readonly<Record<string, number>>;
  readonly truncated: readonly string[];
}
