import { writeSync } from 'node:fs';
import { aDecision, openTestLog } from './kafka-log.spec-support';

/** Appends until it is killed, by several callers, and writes a line for each record that was acknowledged: its text. */
const [brokers = '', directory = '', topicPrefix = '', round = ''] = process.argv.slice(2);
const CALLERS = 8;

const log = await openTestLog({ brokers: brokers.split(','), directory, topicPrefix });
await Promise.all(
  Array.from({ length: CALLERS }, async (_, caller) => {
    for (let turn = 0; ; turn++) {
      const text = `${round}/${caller}/${turn}`;
      await log.append([aDecision(`caller_${caller}`, text)]);
      writeSync(1, `${text}\n`);
    }
  }),
);
