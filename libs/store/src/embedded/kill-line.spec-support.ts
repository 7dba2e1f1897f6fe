import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock, TOPICS } from '@veto/domain';
import { openSegmentLog } from '@veto/log';
import {
  aBeginRequest,
  aHistoryRecord,
  anAppendLabelRequest,
  decisionBytes,
  dullHistoryEventOf,
} from '@veto/testing';
import { openEmbeddedStore } from './embedded-state-store';

/**
 * Decides payments as the line does until it is killed, and writes a line for what it would have answered:
 * `decided <id>` once the decision is on the log, `label <key>` once the label is.
 */
const [directory = '', round = '0'] = process.argv.slice(2);
const CALLERS = 12;
const tenantId = 'ten_test';

const log = await openSegmentLog({
  directory: join(directory, 'log'),
  clock: systemClock,
  segmentBytesMax: 2_000_000,
});
const store = await openEmbeddedStore({
  directory: join(directory, 'state'),
  log,
  clock: systemClock,
  historyEventOf: dullHistoryEventOf,
  snapshotEveryMs: 20,
});

async function decide(transactionId: string, caller: number, turn: number): Promise<void> {
  const entityKeys = [`${tenantId}|card:${(turn * 7 + caller) % 40}`, `${tenantId}|merchant:1`];
  await store.begin([
    aBeginRequest({ transactionId, entityKeys, record: aHistoryRecord({ mark: turn % 256 }) }),
  ]);
  // Some are left as a crash in the middle would leave them.
  if (turn % 11 === 0) return;
  const [result] = await store.commit([{ tenantId, transactionId, bytes: decisionBytes({ transactionId }) }]);
  await log.append([{ topic: TOPICS.decisions, key: `${tenantId}|${transactionId}`, value: result!.bytes }]);
  writeSync(1, `decided ${transactionId}\n`);
  if (turn % 5 !== 0) return;
  await store.appendLabel(anAppendLabelRequest({ labelKey: transactionId, entityKeys }));
  writeSync(1, `label ${transactionId}\n`);
}

await Promise.all(
  Array.from({ length: CALLERS }, async (_, caller) => {
    for (let turn = 0; ; turn++) await decide(`ord_${round}_${caller}_${turn}`, caller, turn);
  }),
);
