import type { Clock } from '@veto/domain';
import { classifyFailure, type Failure } from './classify-failure';
import type { ConsumedRecord, RecordOutcome } from './consumed-record';
import type { DeadLetter } from './dead-letter';
import type { RecordJob } from './record-job';
import type { ConsumerTrouble, RecordPlace } from './trouble';
import { WorldWait, WorldWaits } from './world-wait';

export interface RecordSafetyOptions {
  readonly handle: (records: readonly ConsumedRecord[]) => Promise<readonly RecordOutcome[]>;
  /** Rejects while the broker does not take it. */
  readonly publish: (letter: DeadLetter) => Promise<void>;
  readonly clock: Clock;
  readonly onTrouble: (trouble: ConsumerTrouble) => void;
}

interface Verdict {
  readonly failure: Failure;
  readonly error: unknown;
}

/** Before the second, third and fourth attempt at a record that we fail at: a second and a half in all. */
const RETRY_WAITS_MS = [100, 400, 1_000] as const;

/**
 * Brings records to their end, whatever the handler throws: handled, set aside, or dropped because the lease is over.
 * Bad records are set aside at once; what does not answer is waited for, since the record is fine; our own failures get
 * three more attempts. A dead letter that cannot be written is waited for as well.
 */
export class RecordSafety {
  readonly #options: RecordSafetyOptions;
  readonly #waits: WorldWaits;

  constructor(options: RecordSafetyOptions) {
    this.#options = options;
    this.#waits = new WorldWaits(options.clock, options.onTrouble);
  }

  /** What records wait for at the moment; null when they do not. */
  get waitingFor(): string | null {
    return this.#waits.reason;
  }

  /** Never rejects. */
  async run(jobs: readonly RecordJob[]): Promise<void> {
    const waiting = new WorldWait(this.#waits);
    let pending = this.#dropEnded(jobs);
    while (pending.length > 0) {
      const verdicts = await this.#attempt(pending);
      if (verdicts === 'one_by_one') {
        for (const job of pending) await this.run([job]);
        break;
      }
      const again = await this.#settle(pending, verdicts);
      pending = again.map(({ job }) => job);
      await waitBefore(again, waiting);
      pending = this.#dropEnded(pending);
    }
    waiting.end();
  }

  /** Sets a batch aside that could not be unpacked. */
  async setAsideUndecodable(
    job: RecordJob,
    batch: { readonly firstOffset: number; readonly lastOffset: number; readonly reason: string },
  ): Promise<void> {
    const place = { ...placeOf(job), offset: batch.firstOffset };
    const { reason, lastOffset } = batch;
    this.#options.onTrouble({ kind: 'undecodable_batch', place, lastOffset, reason });
    await this.#publish(job, {
      ...this.#letter(job, { class: 'bad', reason }),
      place,
      lastOffset,
      class: 'undecodable',
    });
  }

  #dropEnded(jobs: readonly RecordJob[]): readonly RecordJob[] {
    const isAnyOver = jobs.some((job) => !job.owner.lease.isOpen);
    if (!isAnyOver) return jobs;
    for (const job of jobs) if (!job.owner.lease.isOpen) job.owner.drop();
    return jobs.filter((job) => job.owner.lease.isOpen);
  }

  /** @returns one verdict for each job, null where it is done; or that one of several spoiled the call for all */
  async #attempt(jobs: readonly RecordJob[]): Promise<readonly (Verdict | null)[] | 'one_by_one'> {
    try {
      const outcomes = await this.#options.handle(jobs.map((job) => job.record));
      return jobs.map((_, index) => {
        const error = outcomes[index];
        return error === undefined ? null : { failure: classifyFailure(error), error };
      });
    } catch (error) {
      const failure = classifyFailure(error);
      if (jobs.length > 1 && failure.class !== 'world') return 'one_by_one';
      return jobs.map(() => ({ failure, error }));
    }
  }

  /** @returns those to try again */
  async #settle(
    jobs: readonly RecordJob[],
    verdicts: readonly (Verdict | null)[],
  ): Promise<readonly { readonly job: RecordJob; readonly verdict: Verdict }[]> {
    const again: { readonly job: RecordJob; readonly verdict: Verdict }[] = [];
    const setAside: Promise<void>[] = [];
    jobs.forEach((job, index) => {
      const verdict = verdicts[index] ?? null;
      if (verdict === null) return this.#finish(job);
      if (verdict.failure.class === 'world') return again.push({ job, verdict });
      job.attempts += 1;
      if (verdict.failure.class === 'bad') return setAside.push(this.#setAside(job, verdict));
      if (job.attempts <= RETRY_WAITS_MS.length) return again.push({ job, verdict });
      return setAside.push(this.#giveUp(job, verdict));
    });
    await Promise.all(setAside);
    return again;
  }

  #finish(job: RecordJob): void {
    const { topic, partition, circuit } = job.owner;
    if (circuit.succeeded(this.#options.clock.nowMs())) {
      this.#options.onTrouble({ kind: 'circuit_closed', topic, partition });
    }
    job.owner.finish(job.index);
  }

  async #giveUp(job: RecordJob, verdict: Verdict): Promise<void> {
    if (job.owner.circuit.failed(this.#options.clock.nowMs())) {
      job.owner.breakOff(verdict.error);
      job.owner.drop();
      return;
    }
    await this.#setAside(job, verdict);
  }

  async #setAside(job: RecordJob, { failure, error }: Verdict): Promise<void> {
    this.#options.onTrouble({ kind: 'dead_letter', place: placeOf(job), failure, error });
    await this.#publish(job, this.#letter(job, failure));
  }

  /** The record is finished when its dead letter is durable, and not before: else a crash in between would lose both. */
  async #publish(job: RecordJob, letter: DeadLetter): Promise<void> {
    const waiting = new WorldWait(this.#waits);
    for (;;) {
      try {
        await this.#options.publish(letter);
        job.owner.finish(job.index);
        break;
      } catch (error) {
        await waiting.wait(job.owner.lease, { reason: 'dead_letters_unavailable', error });
        if (job.owner.lease.isOpen) continue;
        job.owner.drop();
        break;
      }
    }
    waiting.end();
  }

  #letter(job: RecordJob, failure: Failure): DeadLetter {
    const { key, value, headers } = job.record;
    const place = placeOf(job);
    return {
      place,
      lastOffset: place.offset,
      class: failure.class === 'bad' ? 'bad' : 'failed',
      reason: failure.reason,
      attempts: job.attempts,
      firstSeenMs: job.firstSeenMs,
      key,
      value,
      headers,
    };
  }
}

/** Before the next attempt: the world's own time when it is what does not answer, else the time of the next retry. */
async function waitBefore(
  again: readonly { readonly job: RecordJob; readonly verdict: Verdict }[],
  waiting: WorldWait,
): Promise<void> {
  const lease = again[0]?.job.owner.lease;
  if (lease === undefined) return;
  const world = again.find(({ verdict }) => verdict.failure.class === 'world')?.verdict;
  if (world !== undefined) return waiting.wait(lease, { reason: world.failure.reason, error: world.error });
  const attempts = Math.max(...again.map(({ job }) => job.attempts));
  return lease.wait(RETRY_WAITS_MS[attempts - 1] ?? 0);
}

function placeOf({ owner: { topic, partition }, record: { offset } }: RecordJob): RecordPlace {
  return { topic, partition, offset };
}
