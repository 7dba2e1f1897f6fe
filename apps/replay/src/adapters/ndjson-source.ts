import { createReadStream, statSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { parseLabel, parseTransactionPayload } from '@veto/domain';
import type { ReplayEvent, ReplaySource, Truth } from './replay-event';

const CHUNK_EVENT_COUNT = 1_024;

/**
 * A stream of events, one JSON object a line, in time order, as `traffic generate` writes it:
 * `{"type":"transaction","body":…,"truth":{"fraud":true,"pattern":"card_testing"}}` and `{"type":"label","body":…}`.
 */
export function openNdjson(path: string): ReplaySource {
  let bytesRead = 0;
  return {
    tenantId: 'demo',
    bytesTotal: statSync(path).size,
    bytesRead: () => bytesRead,
    async *events() {
      const file = createReadStream(path, { highWaterMark: 1 << 18 });
      file.on('data', (bytes) => (bytesRead += bytes.length));
      const lines = createInterface({
        input: path.endsWith('.gz') ? file.pipe(createGunzip()) : file,
        crlfDelay: Infinity,
      });
      let chunk: ReplayEvent[] = [];
      let lineNumber = 0;
      for await (const line of lines) {
        lineNumber++;
        if (line !== '') chunk.push(eventOf(line, `${path}, line ${lineNumber}`));
        if (chunk.length === CHUNK_EVENT_COUNT) {
          yield chunk;
          chunk = [];
        }
      }
      if (chunk.length > 0) yield chunk;
    },
  };
}

interface Line {
  readonly type?: unknown;
  readonly body?: unknown;
  readonly truth?: Truth;
}

function eventOf(text: string, where: string): ReplayEvent {
  const line = parseLine(text, where);
  if (line.type === 'label') {
    const label = parseLabel(line.body);
    if (!label.ok)
      throw new Error(
        `${where}: ${label.issues.map((issue) => `${issue.pointer}: ${issue.detail}`).join('; ')}`,
      );
    return { type: 'label', atMs: Date.parse(label.value.reported_at), label: label.value };
  }
  if (line.type !== 'transaction') throw new Error(`${where}: "type" is neither "transaction" nor "label"`);
  const payload = parseTransactionPayload(line.body);
  if (!payload.ok)
    throw new Error(
      `${where}: ${payload.issues.map((issue) => `${issue.pointer}: ${issue.detail}`).join('; ')}`,
    );
  return {
    type: 'transaction',
    atMs: Date.parse(payload.value.transaction.occurred_at),
    payload: payload.value,
    truth: line.truth ?? null,
  };
}

function parseLine(text: string, where: string): Line {
  try {
    return JSON.parse(text) as Line;
  } catch (error) {
    throw new Error(`${where}: not JSON`, { cause: error });
  }
}
