import type { DecisionRecord, TenantId, Transaction, TransactionPayload } from '@veto/domain';
import { transactionOf } from '@veto/domain';

/** What is needed of a decision to compute its vector again. */
export interface RecordedVector {
  readonly transaction: Transaction;
  /** [F]; NaN = missing. */
  readonly features: Float64Array;
  readonly truncated: readonly string[];
}

const HEAD_BYTES = 16;

/** Received-at, the lengths of the two texts, the features, then the texts. */
export function packVector(record: DecisionRecord): Uint8Array {
  const payload = Buffer.from(JSON.stringify(record.transaction));
  const names = Buffer.from(JSON.stringify([record.tenant_id, record.truncated]));
  const featureBytes = record.features.length * 8;
  const packed = Buffer.allocUnsafe(HEAD_BYTES + featureBytes + names.length + payload.length);
  packed.writeDoubleLE(record.received_at_ms, 0);
  packed.writeUInt32LE(record.features.length, 8);
  packed.writeUInt32LE(names.length, 12);
  for (const [i, value] of record.features.entries())
    packed.writeDoubleLE(value ?? Number.NaN, HEAD_BYTES + i * 8);
  names.copy(packed, HEAD_BYTES + featureBytes);
  payload.copy(packed, HEAD_BYTES + featureBytes + names.length);
  return packed;
}

export function unpackVector(packed: Buffer): RecordedVector {
  const featureCount = packed.readUInt32LE(8);
  const namesAt = HEAD_BYTES + featureCount * 8;
  const payloadAt = namesAt + packed.readUInt32LE(12);
  const [tenantId, truncated] = JSON.parse(packed.toString('utf8', namesAt, payloadAt)) as [
    TenantId,
    readonly string[],
  ];
  const payload = JSON.parse(packed.toString('utf8', payloadAt)) as TransactionPayload;
  return {
    transaction: transactionOf(payload, { tenantId, receivedAtMs: packed.readDoubleLE(0) }),
    features: Float64Array.from({ length: featureCount }, (_, i) => packed.readDoubleLE(HEAD_BYTES + i * 8)),
    truncated,
  };
}
