import {
  VetoError,
  type ClaimId,
  type Decision,
  type EventLog,
  type LogRecord,
  type StateStore,
} from '@veto/domain';
import { decisionKeyOf, decisionLogRecordOf } from './decision-log-record';

/** Decisions that may be on their way at once; beyond it the log is taken to be unavailable, and nothing more is decided. */
export const ON_THE_WAY_COUNT_MAX = 4_096;

export type Durability = Decision['durability'];

/** An id and its decision's bytes. */
export interface DecidedBytes {
  readonly id: ClaimId;
  readonly bytes: Uint8Array;
}

/** The decision of an id that stands, and where it is durable. */
export interface Winner {
  readonly bytes: Uint8Array;
  readonly durability: Durability;
}

/** Somebody's promise to bring a decision of this id onto the log, or to say that he did not. */
export interface Ticket {
  readonly id: ClaimId;
  readonly key: string;
}

/** A decision that won its commit. */
export interface Won {
  readonly ticket: Ticket;
  readonly record: LogRecord;
}

/**
 * Decisions on their way from `commit` to the log. Who finds an id decided that nobody has seen on the log looks here
 * before it answers, so that no reply is ever ahead of the log. Other processes write to the same log: what is not on its
 * way here may still be on its way there, or lost with whoever decided it. Then the same bytes are appended once more,
 * which is harmless, for the first decision of an id on the log is the decision.
 */
export interface DecisionsOnTheWay {
  /** Before anything is begun. @throws VetoError log_unavailable (retryable) when too many are on their way */
  requireRoom(): void;
  /** Before anything is decided: from now on, who finds this id decided waits for what becomes of it. */
  announce(id: ClaimId): Ticket;
  /**
   * After a commit that was won for certain: appends, and takes the tickets back when durable.
   * @throws VetoError log_unavailable; the bytes are kept, and whoever asks for the id next appends them
   */
  append(won: readonly Won[]): Promise<Durability>;
  /**
   * After a commit of which the shared state could not say who won: appends, and lets the log say it. Where the log
   * cannot say it either, since the broker is away, one's own decision stands.
   * @returns in order
   * @throws VetoError log_unavailable | store_unavailable (retryable)
   */
  arbitrate(won: readonly Won[], store: StateStore): Promise<readonly Winner[]>;
  /** After a commit that was lost or never came about: takes the ticket back. */
  release(ticket: Ticket): void;
  /**
   * The decision that stands of an id that was decided as `bytes`, by somebody, when it is durable: waits for whoever
   * is bringing it onto the log here, then looks, then appends it.
   * @throws VetoError log_unavailable | store_unavailable (retryable)
   */
  winner(decided: DecidedBytes, store: StateStore): Promise<Winner>;
  /** Committed decisions whose append failed and that nobody is appending. */
  stranded(): readonly DecidedBytes[];
}

interface Entry extends Ticket {
  holderCount: number;
  bytes: Uint8Array | null;
  waiters: (() => void)[];
}

const byLog = new WeakMap<EventLog, DecisionsOnTheWay>();

/** Those of one log, which all lines over this log share. */
export function decisionsOnTheWay(log: EventLog): DecisionsOnTheWay {
  const known = byLog.get(log);
  if (known !== undefined) return known;
  const created = new OnTheWay(log);
  byLog.set(log, created);
  return created;
}

class OnTheWay implements DecisionsOnTheWay {
  readonly #log: EventLog;
  readonly #entries = new Map<string, Entry>();

  constructor(log: EventLog) {
    this.#log = log;
  }

  requireRoom(): void {
    const { size } = this.#entries;
    if (size < ON_THE_WAY_COUNT_MAX) return;
    throw new VetoError('log_unavailable', `${size} decisions wait for the log`, { retryable: true });
  }

  announce(id: ClaimId): Entry {
    const key = decisionKeyOf(id);
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      entry = { id, key, holderCount: 0, bytes: null, waiters: [] };
      this.#entries.set(key, entry);
    }
    entry.holderCount++;
    return entry;
  }

  /** The ticket that `announce` gave out is the entry itself. */
  release(ticket: Ticket): void {
    const entry = this.#entries.get(ticket.key);
    // The one of this ticket may be gone, since another holder's append was durable.
    if (entry === undefined || entry !== ticket) return;
    entry.holderCount--;
    // Nobody decided it after all.
    if (entry.holderCount === 0 && entry.bytes === null) this.#entries.delete(entry.key);
    wake(entry);
  }

  async append(won: readonly Won[]): Promise<Durability> {
    this.#keep(won);
    try {
      await this.#log.append(won.map(({ record }) => record));
    } catch (error) {
      for (const { ticket } of won) this.release(ticket);
      throw error;
    }
    for (const { ticket } of won) this.#arrived(ticket);
    return this.#log.durability();
  }

  async arbitrate(won: readonly Won[], store: StateStore): Promise<readonly Winner[]> {
    this.#keep(won);
    try {
      const position = await this.#log.appendReadable(won.map(({ record }) => record));
      const winners = await Promise.all(won.map((one) => winnerAt(position, one, store)));
      for (const { ticket } of won) this.#arrived(ticket);
      return winners;
    } catch (error) {
      for (const { ticket } of won) this.release(ticket);
      throw error;
    }
  }

  async winner({ id, bytes }: DecidedBytes, store: StateStore): Promise<Winner> {
    await this.#untilNobodyIsAtIt(decisionKeyOf(id));
    const ticket = this.announce(id);
    let logged: Uint8Array | null;
    try {
      logged = await store.winnerOnLog(id, this.#log.end());
    } catch (error) {
      this.release(ticket);
      throw error;
    }
    if (logged !== null) {
      this.#arrived(ticket);
      return { bytes: logged, durability: 'log' };
    }
    const [winner] = await this.arbitrate([{ ticket, record: decisionLogRecordOf(bytes) }], store);
    return winner!;
  }

  async #untilNobodyIsAtIt(key: string): Promise<void> {
    for (;;) {
      const entry = this.#entries.get(key);
      if (entry === undefined || entry.holderCount === 0) return;
      await new Promise<void>((resolve) => {
        entry.waiters.push(resolve);
      });
    }
  }

  stranded(): readonly DecidedBytes[] {
    return [...this.#entries.values()].flatMap(({ id, holderCount, bytes }) =>
      holderCount === 0 && bytes !== null ? [{ id, bytes }] : [],
    );
  }

  #keep(won: readonly Won[]): void {
    for (const { ticket, record } of won) {
      const entry = this.#entries.get(ticket.key);
      if (entry !== undefined) entry.bytes = record.value;
    }
  }

  #arrived({ key }: Ticket): void {
    const entry = this.#entries.get(key);
    this.#entries.delete(key);
    if (entry !== undefined) wake(entry);
  }
}

function wake(entry: Entry): void {
  const waiters = entry.waiters;
  entry.waiters = [];
  for (const waiter of waiters) waiter();
}

/** @param position where one's own decision can be read; null when it is in the local write-ahead file */
async function winnerAt(
  position: number | null,
  { ticket, record }: Won,
  store: StateStore,
): Promise<Winner> {
  if (position === null) return { bytes: record.value, durability: 'wal' };
  const bytes = await store.winnerOnLog(ticket.id, position);
  if (bytes !== null) return { bytes, durability: 'log' };
  throw new VetoError('store_unavailable', `${ticket.key} is on the log, and the state has not read it`, {
    retryable: true,
  });
}
