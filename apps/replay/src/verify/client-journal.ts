import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { z } from 'zod';

/**
 * A line of a client's journal: what it asked and what it was told, one line for each. A line without `status` and
 * `error` is a request that was sent. A `status` of 2xx is a promise; with a body it is an answer too. A client that
 * sends by Kafka writes 202 when the broker acknowledged.
 */
const attemptSchema = z.object({
  at_ms: z.number(),
  transaction_id: z.string(),
  tenant_id: z.string(),
  attempt: z.number().optional(),
  status: z.number().nullish(),
  body: z.string().nullish(),
  body_sha256: z.string().nullish(),
  replayed: z.boolean().nullish(),
  error: z.string().nullish(),
});

/** How much memory a process had at a moment. */
const resourceSchema = z.object({
  at_ms: z.number(),
  process: z.string(),
  rss_bytes: z.number(),
});

const lineSchema = z.union([attemptSchema, resourceSchema]);

/** What clients were told about one transaction. */
export interface Told {
  /** 2xx answers, with and without a body. */
  promisedCount: number;
  /** SHA-256 (hex) of each distinct body that came with 2xx, and how often. Null while there was none. */
  bodies: Map<string, number> | null;
}

export interface MemorySample {
  readonly atMs: number;
  readonly rssBytes: number;
}

/** The journals of all clients, summed up by transaction. */
export class ClientJournal {
  /** By `tenant|transaction id`. */
  readonly told = new Map<string, Told>();
  readonly memory = new Map<string, MemorySample[]>();
  requestCount = 0;
  answerCount = 0;
  replayedCount = 0;
  /** Attempts that ended without an answer: resets, deadlines. */
  errorCount = 0;
  /** Answers by status. */
  readonly statusCounts = new Map<number, number>();

  /** @throws Error when the line is not of a journal */
  take(line: string): void {
    const parsed = lineSchema.parse(JSON.parse(line));
    if ('process' in parsed) {
      const samples = this.memory.get(parsed.process);
      const sample = { atMs: parsed.at_ms, rssBytes: parsed.rss_bytes };
      if (samples === undefined) this.memory.set(parsed.process, [sample]);
      else samples.push(sample);
      return;
    }
    this.#takeAttempt(parsed);
  }

  #takeAttempt(attempt: z.infer<typeof attemptSchema>): void {
    const status = attempt.status ?? 0;
    if (status === 0) {
      if (attempt.error == null) this.requestCount++;
      else this.errorCount++;
      return;
    }
    this.answerCount++;
    this.statusCounts.set(status, (this.statusCounts.get(status) ?? 0) + 1);
    if (attempt.replayed === true) this.replayedCount++;
    if (status < 200 || status > 299) return;
    const key = `${attempt.tenant_id}|${attempt.transaction_id}`;
    let told = this.told.get(key);
    if (told === undefined) this.told.set(key, (told = { promisedCount: 0, bodies: null }));
    told.promisedCount++;
    const hash = bodyHashOf(attempt);
    if (hash === null) return;
    told.bodies ??= new Map();
    told.bodies.set(hash, (told.bodies.get(hash) ?? 0) + 1);
  }
}

function bodyHashOf({ body, body_sha256: hash }: z.infer<typeof attemptSchema>): string | null {
  if (hash != null) return hash.replace(/^sha256:/, '').toLowerCase();
  return body == null ? null : createHash('sha256').update(body).digest('hex');
}

/**
 * Reads journals. A last line without its line feed is what a killed client left, and is passed over.
 * @throws Error naming file and line of what is not a line of a journal
 */
export async function readClientJournals(paths: readonly string[]): Promise<ClientJournal> {
  const journal = new ClientJournal();
  for (const path of paths) await readJournal(path, journal);
  return journal;
}

async function readJournal(path: string, journal: ClientJournal): Promise<void> {
  let endsWithLineFeed = true;
  const stream = createReadStream(path);
  stream.on('data', (chunk) => {
    endsWithLineFeed = chunk.at(-1) === 0x0a || chunk.at(-1) === '\n';
  });
  let number = 0;
  let refused: { readonly number: number; readonly why: unknown; isLast: boolean } | null = null;
  for await (const line of createInterface({ input: stream, crlfDelay: Infinity })) {
    if (refused !== null) {
      refused.isLast = false;
      break;
    }
    number++;
    if (line === '') continue;
    try {
      journal.take(line);
    } catch (why) {
      refused = { number, why, isLast: true };
    }
  }
  if (refused === null || (refused.isLast && !endsWithLineFeed)) return;
  throw new Error(
    `${path}, line ${refused.number}: not a line of a client's journal: ${reasonOf(refused.why)}`,
  );
}

function reasonOf(why: unknown): string {
  return why instanceof z.ZodError ? z.prettifyError(why).replaceAll('\n', ' ') : String(why);
}
