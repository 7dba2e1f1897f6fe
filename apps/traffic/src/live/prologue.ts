import { setImmediate } from 'node:timers/promises';
import { VetoApiError, type VetoClient } from '@veto/client';
import type { SimulatedEvent, SimulatedLabel, SimulatedPayment } from '../payment';
import { simulate } from '../simulate';
import type { World } from '../world/world';
import type { LiveCounters } from './live-report';

const DAY_MS = 86_400_000;
const DAY_COUNT = 40;
/** Six thousand payments: enough for a thousand regulars to have habits, few enough to be told in seconds. */
const PAYMENTS_PER_DAY = 150;
const CONCURRENCY = 32;
const EVENTS_AT_A_TIME = 64;
const CALL_DEADLINE_MS = 5_000;

/** Payments of the past are by regulars, in this share. */
const REGULAR_SHARE = 0.75;

export interface Past {
  readonly payments: readonly SimulatedPayment[];
  readonly labels: readonly SimulatedLabel[];
}

/**
 * The forty days before now, as they would have been told day by day. Made a little at a time, so that the present is
 * not kept waiting.
 * @param options.runId part of every id: a past that was cut off is told anew
 */
export async function pastOf(
  world: World,
  options: { readonly nowMs: number; readonly runId: string },
): Promise<Past> {
  const startMs = options.nowMs - DAY_COUNT * DAY_MS;
  const simulation = { seed: world.seed, dayCount: DAY_COUNT, startMs, paymentsPerDay: PAYMENTS_PER_DAY };
  const stream = simulate(simulation, { world, idPrefix: `past_${options.runId}_` });
  const payments: SimulatedPayment[] = [];
  const labels: SimulatedLabel[] = [];
  for (;;) {
    const events = byRegulars(world, () => takeFrom(stream, EVENTS_AT_A_TIME));
    for (const event of events) {
      if (event.type === 'transaction') payments.push(event);
      else labels.push(event);
    }
    if (events.length < EVENTS_AT_A_TIME) return { payments, labels };
    await setImmediate();
  }
}

/** Runs `work` while payments are mostly by regulars; it must not wait, for the present picks its customers meanwhile. */
function byRegulars<T>(world: World, work: () => T): T {
  const shareBefore = world.regularShare;
  world.regularShare = REGULAR_SHARE;
  try {
    return work();
  } finally {
    world.regularShare = shareBefore;
  }
}

function takeFrom(stream: Iterator<SimulatedEvent, void, undefined>, countMax: number): SimulatedEvent[] {
  const events: SimulatedEvent[] = [];
  for (let next = stream.next(); next.done !== true; next = stream.next()) {
    events.push(next.value);
    if (events.length === countMax) break;
  }
  return events;
}

/** The id of the payment that is sent when the whole past has been told: whoever knows it needs to be told nothing. */
export function markerIdOf(seed: number): string {
  return `past_of_world_${seed.toString(36)}_told`;
}

/**
 * Tells the past at full speed, so that customers have habits before they are watched: payments first, then what they
 * turned out to be, then the marker. Nothing is told to a server that knows the marker.
 * @returns how many payments were told
 */
export async function tellPast(
  client: VetoClient,
  counters: LiveCounters,
  options: {
    readonly seed: number;
    readonly past: () => Promise<Past>;
    readonly timeMsMax: number;
    readonly signal: AbortSignal;
  },
): Promise<number> {
  const markerId = markerIdOf(options.seed);
  if (
    (await client.findDecision(markerId, { deadlineMs: CALL_DEADLINE_MS, signal: options.signal })) !== null
  )
    return 0;
  const { payments, labels } = await options.past();
  const untilMs = performance.now() + options.timeMsMax;
  const isTime = (): boolean => performance.now() < untilMs && !options.signal.aborted;
  const call = { deadlineMs: CALL_DEADLINE_MS, signal: options.signal };
  const known = new Set<string>();
  await inParallel(payments, isTime, async ({ body }) => {
    await counted(counters, async () => {
      if ((await client.decide(body, call)).source === 'veto') known.add(body.transaction.id);
      counters.pastCount++;
    });
  });
  const told = labels.filter(({ body }) => known.has(body.transaction_id));
  await inParallel(told, isTime, async ({ body }) => {
    await counted(counters, async () => {
      await client.label(body, call);
      counters.labelCount++;
    });
  });
  const last = payments.at(-1);
  if (last !== undefined && !options.signal.aborted) {
    const transaction = { ...last.body.transaction, id: markerId };
    await counted(counters, () => client.decide({ ...last.body, transaction }, call));
  }
  return known.size;
}

/** Works through the items in their order, so many at a time, while there is time. */
async function inParallel<T>(
  items: readonly T[],
  isTime: () => boolean,
  work: (item: T) => Promise<void>,
): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length && isTime()) await work(items[next++]!);
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
}

/** A refusal is counted and is no reason to stop. */
async function counted(counters: LiveCounters, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof VetoApiError)) throw error;
    counters.failed(error.code);
  }
}
