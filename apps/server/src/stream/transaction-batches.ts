import type { Arrival, Line, StreamDoor, Streamed } from '@veto/decision';
import { parseTransactionPayload } from '@veto/domain';
import { BadRecord, type ConsumedRecord, type RecordHandler, type RecordOutcome } from '@veto/log';
import { passFailpoint } from '../failpoints';
import type { Telemetry } from '../telemetry/telemetry';
import { readRecord, reasonOf, tenantOfRecord } from './inbound-record';

export interface TransactionBatchesParts {
  readonly line: Pick<Line, 'clock' | 'stopwatch'>;
  readonly door: StreamDoor;
  readonly telemetry: Telemetry;
  readonly streamTenant: string | null;
}

/** Payments of `veto.transactions.v1` through the same line as those that come by HTTP, in small batches. */
export function transactionBatches(parts: TransactionBatchesParts): RecordHandler {
  return { eachBatch: (records) => decideBatch(parts, records) };
}

async function decideBatch(
  parts: TransactionBatchesParts,
  records: readonly ConsumedRecord[],
): Promise<readonly RecordOutcome[]> {
  const outcomes = new Array<RecordOutcome>(records.length).fill(undefined);
  const arrivals: Arrival[] = [];
  const places: number[] = [];
  records.forEach((record, i) => {
    try {
      arrivals.push(arrivalOf(parts, record));
      places.push(i);
    } catch (error) {
      outcomes[i] = error instanceof Error ? error : new BadRecord('not readable');
    }
  });
  const streamed = arrivals.length === 0 ? [] : await parts.door.decide(arrivals);
  streamed.forEach((one, i) => {
    const place = places[i]!;
    outcomes[place] = outcomeOf(parts, one, records[place]!);
  });
  if (typeof __BUILT_FOR_TESTS__ !== 'undefined' && __BUILT_FOR_TESTS__)
    passFailpoint('before_offset_commit');
  return outcomes;
}

function arrivalOf({ line, streamTenant }: TransactionBatchesParts, record: ConsumedRecord): Arrival {
  const startedMs = line.stopwatch();
  const tenantId = tenantOfRecord(record, streamTenant);
  const payload = readRecord(record, parseTransactionPayload);
  return { tenantId, payload, receivedAtMs: line.clock.nowMs(), parseMs: line.stopwatch() - startedMs };
}

function outcomeOf(
  { telemetry }: TransactionBatchesParts,
  streamed: Streamed,
  record: ConsumedRecord,
): RecordOutcome {
  if (streamed.status === 'failed') return streamed.error;
  if (streamed.status === 'transaction_id_reused')
    return new BadRecord(reasonOf('transaction_id_reused', streamed.issues));
  telemetry.decisionMade({
    record: streamed.record,
    replayed: streamed.replayed,
    durability: streamed.durability,
    timingsMs: streamed.serverTimingMs,
    requestId: `${record.topic}/${record.partition}/${record.offset}`,
  });
  return undefined;
}
