import { FAIL_OPEN_WINDOW_MS, type FailOpenBook } from '@veto/decision';
import type { View } from './view-feed';
import type { ViewRecord } from './view-record';

type Noted = Parameters<FailOpenBook['note']>[0];

/** Default approvals that are written down, at most: far more than any budget allows. */
const NOTED_COUNT_MAX = 10_000;

/** What defaults approved lately, as it can be written down. */
export interface FailOpenSnapshot {
  readonly position: number;
  readonly noted: readonly Noted[];
}

/** Tells the line's book what was approved by default on every instance, and across restarts. */
export class FailOpenView implements View {
  readonly #book: FailOpenBook;
  readonly #nowMs: () => number;
  #noted: Noted[] = [];
  #position = -1;

  constructor(book: FailOpenBook, nowMs: () => number, snapshot: FailOpenSnapshot | null) {
    this.#book = book;
    this.#nowMs = nowMs;
    if (snapshot === null) return;
    for (const noted of snapshot.noted) this.#note(noted);
    this.#position = snapshot.position;
  }

  get position(): number {
    return this.#position;
  }

  apply(records: readonly ViewRecord[], to: number): void {
    for (const record of records) {
      if (record.kind !== 'decision' || record.position <= this.#position) continue;
      const { decision } = record.record;
      if (decision.decided_by.kind === 'default' && decision.outcome === 'approve') this.#note(record.record);
    }
    this.#position = Math.max(this.#position, to);
  }

  snapshot(): FailOpenSnapshot {
    const from = this.#nowMs() - FAIL_OPEN_WINDOW_MS;
    this.#noted = this.#noted.filter((noted) => noted.decided_at_ms >= from).slice(-NOTED_COUNT_MAX);
    return { position: this.#position, noted: this.#noted };
  }

  #note(noted: Noted): void {
    this.#book.note(noted);
    if (noted.decided_at_ms < this.#nowMs() - FAIL_OPEN_WINDOW_MS) return;
    const { tenant_id, decided_at_ms, transaction, decision } = noted;
    this.#noted.push({ tenant_id, decided_at_ms, transaction, decision });
    if (this.#noted.length > 2 * NOTED_COUNT_MAX) this.#noted = this.#noted.slice(-NOTED_COUNT_MAX);
  }
}
