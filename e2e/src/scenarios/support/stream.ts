import { setTimeout as wait } from 'node:timers/promises';
import { CompressionTypes, type Message } from 'kafkajs';
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
  readonly headers?: NonNullable<Message['headers']>;
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
export function streamRecordOf({ id, body }: SentPayment, tenantId = TENANT): StreamRecord {
  return { key: `${tenantId}|${id}`, value: body, headers: { tenant: tenantId } };
}

/** Sends payments by Kafka and writes down that the broker took them: from then on each must be decided. */
export async function sendPayments(
  brokers: readonly string[],
  payments: readonly SentPayment[],
  journal: Journal,
  tenantId = TENANT,
): Promise<void> {
  const attempts = payments.map(({ id }) => ({ tenantId, transactionId: id, attempt: 1 }));
  for (const attempt of attempts) journal.asked(attempt);
  await sendRecords(
    brokers,
    payments.map((payment) => streamRecordOf(payment, tenantId)),
  );
  for (const attempt of attempts) journal.ended(attempt, { status: 202 });
}

const EVERY_MS = 200;

/** Sends payments by Kafka by the clock, a few at a time. @returns on `stop` the ids of all that were acknowledged */
export function startStream(of: {
  readonly brokers: readonly string[];
  readonly rate: number;
  readonly payment: (i: number) => SentPayment;
  readonly journal: Journal;
}): { stop(): Promise<readonly string[]> } {
  const sent: string[] = [];
  let isStopped = false;
  const sending = (async (): Promise<void> => {
    while (!isStopped && !of.journal.isClosed) {
      const count = Math.ceil((of.rate * EVERY_MS) / 1_000);
      const payments = Array.from({ length: count }, (_, i) => of.payment(sent.length + i));
      await sendPayments(of.brokers, payments, of.journal);
      sent.push(...payments.map(({ id }) => id));
      await wait(EVERY_MS);
    }
  })();
  return {
    stop: async () => {
      isStopped = true;
      await sending;
      return sent;
    },
  };
}
