import { setTimeout as wait } from 'node:timers/promises';
import { recordLabel, type Line } from '@veto/decision';
import { parseLabel } from '@veto/domain';
import { BadRecord, headerText, type ConsumedRecord, type RecordHandler } from '@veto/log';
import type { Telemetry } from '../telemetry/telemetry';
import { readRecord, tenantOfRecord } from './inbound-record';

/** A label may overtake its payment, which comes by another topic: one that is younger than this is looked up again. */
const OVERTAKING_MS_MAX = 10_000;
const LOOK_AGAIN_MS = 500;

export interface LabelRecordsParts {
  readonly line: Line;
  readonly telemetry: Telemetry;
  readonly streamTenant: string | null;
}

/**
 * Labels of `veto.labels.v1` that somebody reports there. What was recorded lies on the same topic, with its place in
 * the order of things, and is passed over.
 */
export function labelRecords(parts: LabelRecordsParts): RecordHandler {
  return {
    eachRecord: async (record) => {
      if (headerText(record.headers, 'seq') === null) await take(parts, record);
    },
  };
}

async function take(
  { line, telemetry, streamTenant }: LabelRecordsParts,
  record: ConsumedRecord,
): Promise<void> {
  const tenantId = tenantOfRecord(record, streamTenant);
  const label = readRecord(record, parseLabel);
  const receivedAtMs = line.clock.nowMs();
  for (;;) {
    const { status } = await recordLabel(line, { tenantId, label, receivedAtMs });
    const isEarly = status === 'not_found' && line.clock.nowMs() - record.timestampMs < OVERTAKING_MS_MAX;
    if (isEarly && !record.isStale()) {
      await wait(LOOK_AGAIN_MS);
      continue;
    }
    telemetry.labelRecorded({
      tenantId,
      verdict: label.label,
      source: label.source,
      status,
      requestId: `${record.topic}/${record.partition}/${record.offset}`,
    });
    if (status === 'not_found') throw new BadRecord('not_found: no decision was made about this transaction');
    return;
  }
}
