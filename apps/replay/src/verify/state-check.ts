import {
  packApplied,
  readHistoryTimeMs,
  unpackApplied,
  writeHistorySeq,
  type AppliedEvent,
} from '@veto/domain';
import { encodePaymentRecord, entityKeysOf } from '@veto/features';
import { HistoryBook } from '@veto/store';
import { CountOrder } from './count-order';
import { unpackVector, type RecordedVector } from './decision-spill';
import { EntityTally } from './entity-tally';
import type { Findings } from './findings';
import type { AppliedAt, LogEvidence, PlacedEvent, VectorClaim } from './log-evidence';
import { placeOf, type EpochOfShard, type PlaceOrder } from './place-order';
import { isSameApplied } from './record-parts';
import type { SpillFile } from './spill-file';
import { compareVector } from './vector-check';

export interface StateChecked {
  /** Vectors that were computed again and compared. */
  readonly vectorCount: number;
  /** The state as the log has it at its end, by shard. */
  readonly books: readonly HistoryBook[];
  readonly entityCount: number;
  /** Entities that nobody touched for as long as histories are kept, so that there is nothing left to add up. */
  readonly idleEntityCount: number;
  /** Entities whose counts could be lined up, and the payments among them. */
  readonly linedUp: { readonly entityCount: number; readonly paymentCount: number };
}

/** Makes every state again that a decision was made in, and compares what each one saw. */
export function checkState(
  evidence: LogEvidence,
  of: {
    readonly order: PlaceOrder;
    readonly spill: SpillFile;
    readonly findings: Findings;
  },
): StateChecked {
  const walk = new StateWalk(evidence, of.spill, of.findings);
  const { ofOneProcess, ofShards } = of.order;
  const bookOfOneProcess = walk.follow(ofOneProcess, { isLast: ofShards.length === 0 });
  const booksOfShards = ofShards.map((epochs) => walk.follow(epochs, { isLast: true }));
  const books = ofShards.length === 0 ? [bookOfOneProcess] : booksOfShards;
  walk.tellUnplaced();
  return { ...walk.checked(), books };
}

class StateWalk {
  #vectorCount = 0;
  #entityCount = 0;
  #idleEntityCount = 0;
  readonly #linedUp = { entityCount: 0, paymentCount: 0 };
  readonly #evidence: LogEvidence;
  readonly #spill: SpillFile;
  readonly #findings: Findings;
  /** Claims by place and id, until their place was passed. */
  readonly #claims: Map<string, VectorClaim[]>;

  constructor(evidence: LogEvidence, spill: SpillFile, findings: Findings) {
    this.#evidence = evidence;
    this.#spill = spill;
    this.#findings = findings;
    this.#claims = new Map();
    for (const claim of evidence.claims) {
      const key = claimKeyOf(claim);
      const others = this.#claims.get(key);
      if (others === undefined) this.#claims.set(key, [claim]);
      else others.push(claim);
    }
  }

  /** @returns the state at the end of the last epoch */
  follow(epochs: readonly EpochOfShard[], { isLast }: { readonly isLast: boolean }): HistoryBook {
    let book = new HistoryBook();
    epochs.forEach((epoch, i) => {
      const isServed = isLast && i === epochs.length - 1;
      // Nobody saw the beginning of an epoch in which nothing happened, unless it is the one that is served.
      if (epoch.events.length === 0 && !isServed) return;
      // A log in one process has one state throughout; each epoch of a cluster begins with one of its own.
      if (epoch.opened !== null) book = new HistoryBook();
      this.#followEpoch(epoch, book);
    });
    const last = epochs.at(-1);
    if (isLast && last !== undefined) this.#conserve(last.opened === null ? epochs : [last], book);
    return book;
  }

  #followEpoch({ opened, placed, numbered, events }: EpochOfShard, book: HistoryBook): void {
    for (const before of [placed(), numbered])
      for (const event of before) {
        const { entityKeys, record } = this.#appliedOf(event, event.seq);
        for (const key of entityKeys) book.append(key, record);
      }
    const order = new CountOrder();
    for (const event of events) this.#step(event, { book, order, forgetsIdle: opened === null });
    const { entityCount, paymentCount } = order.finish(this.#findings);
    this.#linedUp.entityCount += entityCount;
    this.#linedUp.paymentCount += paymentCount;
  }

  /** One event of the epoch at hand: what it saw is compared, then it takes effect. */
  #step(
    event: PlacedEvent,
    on: {
      readonly book: HistoryBook;
      readonly order: CountOrder;
      /** One process forgets entities that nobody touches any more by the time of its events. */
      readonly forgetsIdle: boolean;
    },
  ): void {
    const applied = this.#appliedOf(event, event.seq);
    const { entityKeys, record } = applied;
    if (event.type === 'label') {
      for (const key of entityKeys) on.book.append(key, record);
      return;
    }
    const hadPast = entityKeys.map((key) => on.book.has(key));
    if (on.forgetsIdle) on.book.advance(readHistoryTimeMs(record));
    const histories = entityKeys.map((key) => on.book.readAndAppend(key, record));
    const claims = this.#claims.get(claimKeyOf(event)) ?? [];
    this.#claims.delete(claimKeyOf(event));
    let recorded: RecordedVector | null = null;
    for (const claim of claims) {
      const own = this.#compare(claim, event, histories);
      if (claim.isFirst) recorded = own;
    }
    on.order.note({ entityKeys, hadPast, recorded });
  }

  /** The event with its seq written, after a look at whether it is this tenant's own. */
  #appliedOf(event: AppliedAt, seq: number): AppliedEvent {
    const applied = unpackApplied(event.applied);
    writeHistorySeq(applied.record, seq);
    const foreign = applied.entityKeys.find((key) => !key.startsWith(`${event.tenantId}|`));
    if (foreign !== undefined)
      this.#findings.add(
        'I7',
        'tenant_foreign',
        event.id,
        `touched ${foreign}, which is not of ${event.tenantId}`,
      );
    return applied;
  }

  /** @returns what was recorded, or null when it is of another payment than the one that took effect here */
  #compare(claim: VectorClaim, event: PlacedEvent, histories: readonly Uint8Array[]): RecordedVector | null {
    const recorded = unpackVector(this.#spill.read(claim.spilled));
    const entities = entityKeysOf(recorded.transaction);
    const derived = packApplied({
      entityKeys: entities.map(({ key }) => key),
      record: encodePaymentRecord(recorded.transaction),
    });
    if (!isSameApplied(derived, event.applied)) {
      this.#findings.add(
        'I5',
        'applied_differs',
        claim.id,
        `${placeOf(claim)}: what was applied to histories is not the payment that was decided`,
      );
      return null;
    }
    this.#vectorCount++;
    compareVector(claim, { recorded, entities, histories, findings: this.#findings });
    return recorded;
  }

  /** I5, for the state that is served: everything that it was made of, counted beside it. */
  #conserve(epochs: readonly EpochOfShard[], book: HistoryBook): void {
    const tally = new EntityTally();
    for (const { placed, numbered, events } of epochs)
      for (const some of [placed(), numbered, events])
        for (const { applied } of some) tally.add(unpackApplied(applied));
    const { entityCount, idleCount } = tally.compare(book, this.#findings);
    this.#entityCount += entityCount;
    this.#idleEntityCount += idleCount;
  }

  /** Decisions that name a place at which the log has nothing of theirs. */
  tellUnplaced(): void {
    for (const claims of this.#claims.values())
      for (const { id, epoch, seq } of claims)
        this.#findings.add(
          'I4',
          'place_unknown',
          id,
          seq === 0
            ? 'was decided on the shared histories, and has no place among them'
            : `says that its place is ${placeOf({ epoch, seq })}, where the log has nothing of it`,
        );
  }

  checked(): Omit<StateChecked, 'books'> {
    return {
      vectorCount: this.#vectorCount,
      entityCount: this.#entityCount,
      idleEntityCount: this.#idleEntityCount,
      linedUp: this.#linedUp,
    };
  }
}

function claimKeyOf({
  epoch,
  seq,
  id,
}: {
  readonly epoch: number;
  readonly seq: number;
  readonly id: string;
}): string {
  return `${epoch}|${seq}|${id}`;
}
