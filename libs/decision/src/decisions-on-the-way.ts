import { TOPICS, type EventLog } from '@veto/domain';

/** A decided id and its winner's bytes. */
export interface DecidedBytes {
  /** `tenant|transaction id` */
  readonly key: string;
  readonly bytes: Uint8Array;
}

/** Somebody's promise to bring a decision of this id onto the log, or to say that he did not. */
export interface Ticket {
  readonly key: string;
}

/**
 * Decisions on their way from `commit` to the log. A repetition that finds its id decided looks here before it is
 * answered, so that no reply is ever ahead of the log. Whatever is not here is durable: this process is the only
 * writer of its log, and after a crash the store knows only what the log holds.
 */
export interface DecisionsOnTheWay {
  /** Before anything is decided: from now on, who finds this id decided waits for what becomes of it. */
  announce(key: string): Ticket;
  /**
   * After a commit that was won: appends, and takes the tickets back when durable.
   * @throws VetoError log_unavailable; the bytes are kept, and whoever asks for the id next appends them
   */
  append(won: readonly { readonly ticket: Ticket; readonly bytes: Uint8Array }[]): Promise<void>;
  /** After a commit that was lost or never came about: takes the ticket back. Whoever finds the id decided brings it onto the log. */
  release(ticket: Ticket): void;
  /** Resolves when the decision of this id is on the log; appends it where nobody is about to. @throws VetoError log_unavailable */
  ensureDurable(decided: DecidedBytes): Promise<void>;
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
  const created = createDecisionsOnTheWay(log);
  byLog.set(log, created);
  return created;
}

function createDecisionsOnTheWay(log: EventLog): DecisionsOnTheWay {
  const entries = new Map<string, Entry>();

  function wake(entry: Entry): void {
    const waiters = entry.waiters;
    entry.waiters = [];
    for (const waiter of waiters) waiter();
  }

  function announce(key: string): Entry {
    let entry = entries.get(key);
    if (entry === undefined) {
      entry = { key, holderCount: 0, bytes: null, waiters: [] };
      entries.set(key, entry);
    }
    entry.holderCount++;
    return entry;
  }

  /** The ticket that `announce` gave out is the entry itself. */
  function release(ticket: Ticket): void {
    const entry = entries.get(ticket.key);
    // The one of this ticket may be gone, since another holder's append was durable.
    if (entry === undefined || entry !== ticket) return;
    entry.holderCount--;
    wake(entry);
  }

  async function append(
    won: readonly { readonly ticket: Ticket; readonly bytes: Uint8Array }[],
  ): Promise<void> {
    for (const { ticket, bytes } of won) {
      const entry = entries.get(ticket.key);
      if (entry !== undefined) entry.bytes = bytes;
    }
    try {
      await log.append(
        won.map(({ ticket, bytes }) => ({ topic: TOPICS.decisions, key: ticket.key, value: bytes })),
      );
    } catch (error) {
      for (const { ticket } of won) release(ticket);
      throw error;
    }
    for (const { ticket } of won) {
      const entry = entries.get(ticket.key);
      entries.delete(ticket.key);
      if (entry !== undefined) wake(entry);
    }
  }

  return {
    announce,
    append,
    release,
    async ensureDurable({ key, bytes }) {
      for (let entry = entries.get(key); entry !== undefined; entry = entries.get(key)) {
        if (entry.holderCount === 0) {
          await append([{ ticket: announce(key), bytes }]);
        } else {
          const { waiters } = entry;
          await new Promise<void>((resolve) => {
            waiters.push(resolve);
          });
        }
      }
    },
    stranded: () =>
      [...entries.values()].flatMap(({ key, holderCount, bytes }) =>
        holderCount === 0 && bytes !== null ? [{ key, bytes }] : [],
      ),
  };
}
