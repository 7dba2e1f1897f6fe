import { CompressionTypes, type IHeaders } from 'kafkajs';
import type { Journal } from './journal';
import { TENANT } from './load';
import type { SentPayment } from './payments';
import { withProducer } from './topic';

export const TRANSACTIONS = 'veto.transactions.v1';
export const DECISIONS = 'veto.decisions.v1';
export const DEAD_LETTERS = 'veto.dead-letters.v1';

const BATCH_COUNT = 500;

/** What is sent by Kafka, as it is, with no promise about its content. */
export interface StreamRecord {
  readonly key: string | Buffer | null;
  readonly value: string | Buffer | null;
  readonly headers?: IHeaders;
}

/** Sends records in batches, in order of their keys; resolves when all are acknowledged by the broker. */
export async function sendRecords(
  brokers: readonly string[],
  records: readonly StreamRecord[],
  compression: CompressionTypes = CompressionTypes.None,
): Promise<void> {
  await withProducer(brokers, async (producer) => {
    for (let i = 0; i < records.length; i += BATCH_COUNT) {
      const messages = records.slice(i, i + BATCH_COUNT).map((record) => ({ ...record }));
      await producer.send({ topic: TRANSACTIONS, messages, compression, acks: -1 });
    }
  });
}

/** A payment as a merchant's program writes it to Kafka. */
export function streamRecordOf({ id, body }: SentPayment): StreamRecord {
  return { key: `${TENANT}|${id}`, value: body, headers: { tenant: TENANT } };
}

/** Sends payments by Kafka and writes down that the broker took them: from then on each must be decided. */
export async function sendPayments(
  brokers: readonly string[],
  payments: readonly SentPayment[],
  journal: Journal,
): Promise<void> {
  for (const { id } of payments) journal.asked({ tenantId: TENANT, transactionId: id, attempt: 1 });
  await sendRecords(brokers, payments.map(streamRecordOf));
  for (const { id } of payments)
    journal.ended({ tenantId: TENANT, transactionId: id, attempt: 1 }, { status: 202 });
}
