import { recordLabel, scoreTransactions, type Line, type Scored } from '@veto/decision';
import { invariant, type Label, type TenantId } from '@veto/domain';
import type { ReplayEvent, ReplaySource } from '../adapters/replay-event';
import type { ReplayClock } from './replay-clock';

export type Payment = Extract<ReplayEvent, { type: 'transaction' }>;
export type Decided = Extract<Scored, { status: 'decided' }>;

/** Payments that go through the line in one call. */
const BATCH_COUNT = 256;

/** Whoever wants to know what came out of the line, in the order in which it went in. */
export interface ReplayObserver {
  decided?(payment: Payment, decided: Decided): void;
  labelled?(label: Label): void;
}

/**
 * Streams a data set through the line in batches.
 * Labels that fall between the payments of one batch are recorded before the batch: a payment sees a label only from
 * its `reported_at` on, so that earlier payments of the batch see what they would have seen one by one. A label of a
 * payment that is itself still waiting in the batch is recorded after it.
 * @param replay.untilMs the first event at or after this time ends the replay
 */
export async function replayStream(
  replay: {
    readonly line: Line;
    readonly clock: ReplayClock;
    readonly source: ReplaySource;
    readonly untilMs?: number;
  },
  observers: readonly ReplayObserver[],
): Promise<void> {
  const tenantId = replay.source.tenantId as TenantId;
  const untilMs = replay.untilMs ?? Number.POSITIVE_INFINITY;
  let batch: Payment[] = [];
  let batchIds = new Set<string>();

  const flush = async (): Promise<void> => {
    if (batch.length === 0) return;
    const payments = batch;
    batch = [];
    batchIds = new Set();
    const arrivals = payments.map((payment) => ({
      tenantId,
      payload: payment.payload,
      receivedAtMs: payment.atMs,
      parseMs: 0,
    }));
    const results = await scoreTransactions(replay.line, arrivals);
    for (const [i, payment] of payments.entries()) {
      const result = results[i];
      invariant(
        result?.status === 'decided',
        `transaction ${payment.payload.transaction.id} was not decided: ${result?.status}`,
      );
      for (const observer of observers) observer.decided?.(payment, result);
    }
  };

  for await (const events of replay.source.events()) {
    for (const event of events) {
      if (event.atMs >= untilMs) return flush();
      replay.clock.advanceTo(event.atMs);
      if (event.type === 'label') {
        if (batchIds.has(event.label.transaction_id)) await flush();
        await recordLabel(replay.line, { tenantId, label: event.label, receivedAtMs: event.atMs });
        for (const observer of observers) observer.labelled?.(event.label);
        continue;
      }
      batch.push(event);
      batchIds.add(event.payload.transaction.id);
      if (batch.length === BATCH_COUNT) await flush();
    }
  }
  await flush();
}
