import { HISTORY_AGE_MAX_MS, type EntityKind, type Transaction } from '@veto/domain';
import { entityValueOf } from '../entity-keys';
import { WINDOWS, type WindowName } from '../windows';
import type { PaymentEvent, StreamEvent } from './small-store.oracle';

export interface Verdict {
  readonly isFraud: boolean;
  readonly knownAtMs: number;
  readonly occurredAtMs: number;
}

/** What is visible of one entity's past, in any window. */
export interface Past {
  readonly view: readonly StreamEvent[];
  payments(window: WindowName): readonly PaymentEvent[];
  verdicts(window: WindowName): readonly Verdict[];
}

/** A payment counts when it was made; a label when it was reported, but not before its payment was made. */
function timeOf(event: StreamEvent): number {
  if (event.kind === 'payment') return event.transaction.occurredAtMs;
  return Math.max(event.label.reportedAtMs, event.label.occurredAtMs);
}

/** @param viewCountMax how many of the latest records are looked at; Infinity: what would be seen if all were kept */
export function pastOf(
  kind: EntityKind,
  now: Transaction,
  seen: readonly StreamEvent[],
  viewCountMax: number,
): Past | null {
  const own = entityValueOf(now.payload, kind);
  if (own === null) return null;
  const whole = seen.filter((event) => event.entities[kind] === own);
  const view = whole.slice(Math.max(0, whole.length - viewCountMax));
  const kept = view.filter((event) => isWithin(timeOf(event), HISTORY_AGE_MAX_MS, now));
  const payments = kept.filter((event) => event.kind === 'payment');
  const verdicts = verdictsOf(kept);
  const widthOf = (name: WindowName): number => WINDOWS.find((window) => window.name === name)?.ms ?? NaN;
  return {
    view,
    payments: (window) => payments.filter((payment) => isWithin(timeOf(payment), widthOf(window), now)),
    verdicts: (window) => verdicts.filter((verdict) => isWithin(verdict.knownAtMs, widthOf(window), now)),
  };
}

function isWithin(timeMs: number, widthMs: number, now: Transaction): boolean {
  return timeMs >= now.occurredAtMs - widthMs && timeMs <= now.occurredAtMs;
}

/** One verdict per labelled transaction: its latest label's, known since the first label that said so. */
function verdictsOf(events: readonly StreamEvent[]): Verdict[] {
  const labels = events.filter((event) => event.kind === 'label');
  const ids = [...new Set(labels.map((event) => event.label.transactionId))];
  return ids.map((id) => {
    const ofThis = labels.filter((event) => event.label.transactionId === id);
    ofThis.sort((a, b) => timeOf(a) - timeOf(b) || a.seq - b.seq);
    const { verdict, occurredAtMs } = ofThis[ofThis.length - 1]!.label;
    const first = ofThis.find((event) => event.label.verdict === verdict)!;
    return { isFraud: verdict === 'fraud', knownAtMs: timeOf(first), occurredAtMs };
  });
}

/** The frauds among the verdicts known in a window. */
export function frauds(past: Past, window: WindowName): readonly Verdict[] {
  return past.verdicts(window).filter((verdict) => verdict.isFraud);
}

/** When a record was made, for the question what may have been dropped before it: a label's is when it was reported. */
export function cutTimeOf(event: StreamEvent): number {
  return event.kind === 'payment' ? event.transaction.occurredAtMs : event.label.reportedAtMs;
}
