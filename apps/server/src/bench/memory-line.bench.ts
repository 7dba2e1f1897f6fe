/**
 * The line alone, as a program of its own for `npm run bench -- cluster`: from a record's bytes to a decision on a log, log
 * and state in memory, with model and rules. What it costs is what the stream loop costs without any Kafka or Redis.
 * It is given bodies by messages, and answers µs of processor a payment.
 */
import {
  createFailOpenBook,
  createListBook,
  createStreamDoor,
  historyEventOf,
  startingPolicy,
  type Line,
} from '@veto/decision';
import { parseTransactionPayload, type TenantId } from '@veto/domain';
import { featureSet } from '@veto/features';
import { createMemoryLog } from '@veto/log';
import { bundledModelDirectory, loadOnnxScorer } from '@veto/model';
import { compileRuleset, startingRules } from '@veto/rules';
import { openEmbeddedStore } from '@veto/store';
import { readJsonBody } from '../http/json-body';

const BATCH_COUNT = 32;
process.env['ORT_DISABLE_TELEMETRY'] ??= '1';

const clock = { nowMs: () => Date.now() };
const log = createMemoryLog({ clock, retain: [] });
const line: Line = {
  store: await openEmbeddedStore({ directory: null, log, clock, historyEventOf }),
  log,
  scorer: await loadOnnxScorer({ directory: bundledModelDirectory(), featureSet }),
  featureSet,
  ruleset: compileRuleset(startingRules, featureSet),
  policy: startingPolicy,
  lists: createListBook(),
  openReviews: () => 0,
  failOpen: createFailOpenBook(),
  clock,
  stopwatch: () => performance.now(),
  deadlineMs: 10_000,
};
const door = createStreamDoor(line);

async function decide(bodies: readonly string[]): Promise<number> {
  const records = bodies.map((body) => Buffer.from(body));
  const cpu = process.cpuUsage();
  for (let from = 0; from < records.length; from += BATCH_COUNT) {
    const streamed = await door.decide(
      records.slice(from, from + BATCH_COUNT).map((bytes) => {
        const parsed = parseTransactionPayload(readJsonBody(bytes, 'application/json'));
        if (!parsed.ok) throw new Error('the bench made a payment that is none');
        return {
          tenantId: 'demo' as TenantId,
          payload: parsed.value,
          receivedAtMs: clock.nowMs(),
          parseMs: 0,
        };
      }),
    );
    if (streamed.some(({ status }) => status !== 'decided')) throw new Error('a payment was not decided');
  }
  const { user, system } = process.cpuUsage(cpu);
  return (user + system) / bodies.length;
}

process.on('message', (message: readonly string[] | 'stop') => {
  if (message === 'stop') process.exit(0);
  void decide(message).then((nodeUs) => process.send?.({ event: 'done', nodeUs }));
});
process.send?.({ event: 'idle' });
