import { invariant, type BeginResult, type EventLog, type StoredLogRecord } from '@veto/domain';
import type { Claim } from './claim-book';
import type { DecidedClaim } from './claim-index';
import type { HistoryEventOf } from './state-of-log';

/** Decisions where their bytes are: on the log. */
export class LoggedDecisions {
  readonly #log: EventLog;
  readonly #historyEventOf: HistoryEventOf;

  constructor(log: EventLog, historyEventOf: HistoryEventOf) {
    this.#log = log;
    this.#historyEventOf = historyEventOf;
  }

  /** The winner's bytes, from the position that the index names. */
  async read(position: number): Promise<Uint8Array> {
    const record = await this.#recordAt(position);
    const event = record?.position === position ? this.#historyEventOf(record) : null;
    invariant(
      event?.type === 'decided',
      `record ${position} of the log is not the decision that the index says it is`,
    );
    return event.bytes;
  }

  /** Whether the record at a position tells of this place in the order. */
  async hasPlace(position: number, { epoch, seq }: { epoch: number; seq: number }): Promise<boolean> {
    const record = await this.#recordAt(position);
    return record?.epoch === epoch && record.seq === seq;
  }

  async #recordAt(position: number): Promise<StoredLogRecord | undefined> {
    const { records } = await this.#log.read({ after: position - 1, recordCountMax: 1 });
    return records[0];
  }

  /** What a `begin` of an id hears whose decision is on the log. */
  async answer(decided: DecidedClaim, fingerprint: string): Promise<BeginResult> {
    const bytes = await this.read(decided.position);
    const isSame = decided.fingerprint === null || decided.fingerprint === fingerprint;
    return isSame ? { status: 'decided', bytes } : { status: 'fingerprint_mismatch', first: bytes };
  }
}

/** Answers of which some have to be read from the log; most often none. */
export async function allOf<T extends object>(answers: readonly (T | Promise<T>)[]): Promise<readonly T[]> {
  if (answers.every((answer): answer is T => !(answer instanceof Promise))) return answers;
  return Promise.all(answers.map((answer) => Promise.resolve(answer)));
}

/** What a second `begin` of an id hears while its decision is not yet on the log. */
export function answerAgain(claim: Claim, fingerprint: string): BeginResult {
  if (claim.fingerprint !== fingerprint)
    return { status: 'fingerprint_mismatch', first: claim.bytes ?? claim.payload };
  return claim.bytes === null
    ? { status: 'in_flight' }
    : { status: 'decided', bytes: claim.bytes, isLogged: false };
}
