import { createHash } from 'node:crypto';
import { writeSync } from 'node:fs';
import { systemClock, TOPICS, type LogRecord } from '@veto/domain';
import { openSegmentLog } from './segment-event-log';

/** Appends until it is killed, and writes a line for each append that was acknowledged: `<key of the first> <how many> <position of the last, - where it was not asked for> <SHA-256 of the values>`. */
const [directory = '', seed = '0'] = process.argv.slice(2);
const CALLERS = 16;
const topics = Object.values(TOPICS);

function recordsOf(caller: number, turn: number): LogRecord[] {
  return Array.from({ length: 1 + ((caller + turn) % 5) }, (_, i) => {
    const text = `${seed}/${caller}/${turn}/${i}`;
    return {
      topic: topics[(turn + i) % topics.length]!,
      key: `ten_test|${text}`,
      value: new TextEncoder().encode(`${text} `.repeat(1 + ((turn * 37 + caller * 11 + i) % 120))),
    };
  });
}

const log = await openSegmentLog({ directory, clock: systemClock, segmentBytesMax: 300_000 });
await Promise.all(
  Array.from({ length: CALLERS }, async (_, caller) => {
    for (let turn = 0; ; turn++) {
      const records = recordsOf(caller, turn);
      let last = '-';
      if (turn % 7 === 0) await log.append(records, { relaxed: true });
      else last = String(await log.appendReadable(records));
      const hash = createHash('sha256');
      for (const { value } of records) hash.update(value);
      writeSync(1, `${records[0]!.key} ${records.length} ${last} ${hash.digest('hex')}\n`);
    }
  }),
);
