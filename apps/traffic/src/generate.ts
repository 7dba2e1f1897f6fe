import { closeSync, openSync, writeSync } from 'node:fs';
import { PATTERNS, type Pattern, type SimulatedEvent } from './payment';
import { simulate, type SimulationOptions } from './simulate';

/** Characters gathered before they are written. */
const CHUNK_CHAR_COUNT = 1 << 20;

/** What was written. */
export interface Generated {
  readonly paymentCount: number;
  readonly labelCount: number;
  readonly fraudCount: number;
  readonly fraudCountByPattern: Readonly<Record<Pattern, number>>;
}

/** One event as one line of the stream. */
export function lineOf(event: SimulatedEvent): string {
  return event.type === 'transaction'
    ? JSON.stringify({ type: event.type, body: event.body, truth: event.truth })
    : JSON.stringify({ type: event.type, body: event.body });
}

/** Writes a simulated stream as one JSON a line. @param file a path, or `-` for standard output */
export function generate(options: SimulationOptions, file: string): Generated {
  const fraudCountByPattern = Object.fromEntries(PATTERNS.map((pattern) => [pattern, 0])) as Record<
    Pattern,
    number
  >;
  const descriptor = file === '-' ? 1 : openSync(file, 'w');
  let paymentCount = 0;
  let labelCount = 0;
  let chunk = '';
  try {
    for (const event of simulate(options)) {
      if (event.type === 'label') labelCount++;
      else {
        paymentCount++;
        if (event.truth.pattern !== null) fraudCountByPattern[event.truth.pattern]++;
      }
      chunk += `${lineOf(event)}\n`;
      if (chunk.length >= CHUNK_CHAR_COUNT) {
        writeAll(descriptor, chunk);
        chunk = '';
      }
    }
    writeAll(descriptor, chunk);
  } finally {
    if (file !== '-') closeSync(descriptor);
  }
  const fraudCount = Object.values(fraudCountByPattern).reduce((sum, count) => sum + count, 0);
  return { paymentCount, labelCount, fraudCount, fraudCountByPattern };
}

/** A pipe takes what it has room for; the rest is written again. */
function writeAll(descriptor: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length;) at += writeSync(descriptor, bytes, at);
}
