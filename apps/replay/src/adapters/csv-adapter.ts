import { createReadStream, statSync } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { parse } from 'csv-parse';
import { parseTransactionPayload, type LABEL_SOURCES } from '@veto/domain';
import type { ReplayEvent, ReplaySource, Truth } from './replay-event';

/**
 * A declared mapping from the columns of a CSV file to payments. Another file is another adapter.
 * Columns that are not named in `columns` are dropped while reading: nothing after the reader ever sees them.
 */
export interface CsvAdapter<Column extends string> {
  readonly name: string;
  readonly tenantId: string;
  /** The columns that are read; a file that lacks one is refused. */
  readonly columns: readonly Column[];
  /** One row → the body of a payment as a merchant would send it, and what became of it. */
  map(row: Readonly<Record<Column, string>>): { readonly payload: unknown; readonly truth: Truth };
  /** After how long a payment's label is known. */
  readonly labelDelayMs: number;
  readonly labelSource: {
    readonly fraud: (typeof LABEL_SOURCES)[number];
    readonly legit: (typeof LABEL_SOURCES)[number];
  };
}

const CHUNK_EVENT_COUNT = 1_024;

/** Opens a CSV file, plain or gzip, through an adapter. Rows must be in time order; each payment's label follows it by the adapter's delay. */
export function openCsv<Column extends string>(path: string, adapter: CsvAdapter<Column>): ReplaySource {
  let bytesRead = 0;
  return {
    tenantId: adapter.tenantId,
    bytesTotal: statSync(path).size,
    bytesRead: () => bytesRead,
    events: () =>
      withLabels(
        payments(path, adapter, (count) => (bytesRead += count)),
        adapter,
      ),
  };
}

type Payment = Extract<ReplayEvent, { type: 'transaction' }>;

async function* payments<Column extends string>(
  path: string,
  adapter: CsvAdapter<Column>,
  onBytes: (count: number) => void,
): AsyncGenerator<Payment[]> {
  const file = createReadStream(path, { highWaterMark: 1 << 18 });
  file.on('data', (bytes) => onBytes(bytes.length));
  const rows = parse({
    columns: (header: string[]) => wantedColumns(path, header, adapter.columns),
    relax_column_count: false,
  });
  const unzipped = path.endsWith('.gz') ? file.pipe(createGunzip()) : file;
  file.on('error', (error: Error) => rows.destroy(error));
  unzipped.on('error', (error: Error) => rows.destroy(error));
  unzipped.pipe(rows);

  let chunk: Payment[] = [];
  let rowNumber = 1;
  for await (const row of rows as AsyncIterable<Record<Column, string>>) {
    rowNumber++;
    chunk.push(paymentOf(adapter, row, () => `${path}, line ${rowNumber}`));
    if (chunk.length === CHUNK_EVENT_COUNT) {
      yield chunk;
      chunk = [];
    }
  }
  if (chunk.length > 0) yield chunk;
}

/** csv-parse leaves out a column whose name is `undefined`. */
function wantedColumns(
  path: string,
  header: readonly string[],
  wanted: readonly string[],
): (string | undefined)[] {
  const missing = wanted.filter((column) => !header.includes(column));
  if (missing.length > 0)
    throw new Error(`${path}: column ${missing.join(', ')} is missing; the header says ${header.join(', ')}`);
  return header.map((column) => (wanted.includes(column) ? column : undefined));
}

function paymentOf<Column extends string>(
  adapter: CsvAdapter<Column>,
  row: Record<Column, string>,
  where: () => string,
): Payment {
  const { payload, truth } = adapter.map(row);
  const parsed = parseTransactionPayload(payload);
  if (!parsed.ok) {
    const issues = parsed.issues.map((issue) => `${issue.pointer}: ${issue.detail}`).join('; ');
    throw new Error(`${where()}: the ${adapter.name} adapter made an invalid payment: ${issues}`);
  }
  return {
    type: 'transaction',
    atMs: Date.parse(parsed.value.transaction.occurred_at),
    payload: parsed.value,
    truth,
  };
}

/** Adds to a stream of payments their labels, each `labelDelayMs` after its payment, in time order. */
async function* withLabels<Column extends string>(
  chunks: AsyncIterable<Payment[]>,
  adapter: CsvAdapter<Column>,
): AsyncGenerator<readonly ReplayEvent[]> {
  // The delay is constant and payments are in time order, so labels are due in the order of their payments.
  const waiting = new LabelQueue();
  for await (const chunk of chunks) {
    const events: ReplayEvent[] = [];
    for (const payment of chunk) {
      waiting.takeDue(payment.atMs, events);
      events.push(payment);
      const fraud = payment.truth?.fraud ?? false;
      const dueAtMs = payment.atMs + adapter.labelDelayMs;
      waiting.add({
        type: 'label',
        atMs: dueAtMs,
        label: {
          transaction_id: payment.payload.transaction.id,
          label: fraud ? 'fraud' : 'legit',
          source: fraud ? adapter.labelSource.fraud : adapter.labelSource.legit,
          reported_at: new Date(dueAtMs).toISOString(),
        },
      });
    }
    yield events;
  }
  // Labels that are due after the last payment change nothing that is asked of this stream, but they belong to it.
  const rest: ReplayEvent[] = [];
  waiting.takeDue(Number.POSITIVE_INFINITY, rest);
  yield rest;
}

/** First in, first out, without moving what is left at every take. */
class LabelQueue {
  private labels: Extract<ReplayEvent, { type: 'label' }>[] = [];
  private head = 0;

  add(label: Extract<ReplayEvent, { type: 'label' }>): void {
    this.labels.push(label);
  }

  takeDue(nowMs: number, into: ReplayEvent[]): void {
    for (
      let next = this.labels[this.head];
      next !== undefined && next.atMs <= nowMs;
      next = this.labels[this.head]
    ) {
      into.push(next);
      this.head++;
    }
    if (this.head > 65_536 && this.head * 2 > this.labels.length) {
      this.labels = this.labels.slice(this.head);
      this.head = 0;
    }
  }
}
