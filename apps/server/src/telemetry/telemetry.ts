import {
  ladderLevelOf,
  type Decision,
  type DecisionRecord,
  type ErrorCode,
  type Outcome,
} from '@veto/domain';
import type { Logger } from 'pino';
import { createMetrics, type Metrics } from './metrics';

/** Between two lines about degraded decisions, at least. */
const DEGRADED_LINE_INTERVAL_MS = 1_000;

/** Payments that are told of as undecidable, at most; beyond it something is wrong that one line each would bury. */
const FAILED_ORPHAN_COUNT_MAX = 1_000;

interface DecisionMade {
  readonly record: DecisionRecord;
  readonly replayed: boolean;
  readonly durability: Decision['durability'];
  readonly timingsMs: Readonly<Record<string, number>>;
  readonly requestId: string;
}

/** A decision's line: ids and figures, nothing of the payment. */
function lineOf({ record, requestId, timingsMs }: DecisionMade): Record<string, unknown> {
  const { decision } = record;
  return {
    request: requestId,
    tenant: record.tenant_id,
    decision: decision.id,
    seq: record.seq,
    outcome: decision.outcome,
    score: decision.score,
    totalMs: timingsMs['total'],
  };
}

/**
 * What happens in business terms: one function per event, which counts it and writes at most one line.
 * Lines and labels hold ids, which are tokens; never a payment's contents, a header, a path or a query.
 */
export class Telemetry {
  readonly metrics: Metrics;
  readonly #log: Logger;
  readonly #failedOrphans = new Set<string>();
  #degradedUnsaid = 0;
  #degradedSaidMs = Number.NEGATIVE_INFINITY;

  constructor(log: Logger) {
    this.#log = log;
    this.metrics = createMetrics();
  }

  decisionMade(made: DecisionMade): void {
    const { decision } = made.record;
    this.metrics.decided(decision.outcome, made.replayed, decision.decided_by.kind);
    if (made.replayed) return;
    this.metrics.timed(made.timingsMs);
    this.metrics.level(made.durability === 'wal' ? 'L4' : ladderLevelOf(decision.degraded));
    for (const stage of decision.degraded) this.metrics.degraded(stage);
    if (decision.degraded.length > 0) this.#sayDegraded(made);
    else if (this.#log.isLevelEnabled('debug')) this.#log.debug(lineOf(made), 'decided');
  }

  /** At most one line a second, with how many it stands for: an overload must not be made worse by telling of it. */
  #sayDegraded(made: DecisionMade): void {
    this.#degradedUnsaid++;
    const nowMs = performance.now();
    if (nowMs - this.#degradedSaidMs < DEGRADED_LINE_INTERVAL_MS) return;
    const line = { ...lineOf(made), silent: made.record.decision.degraded, count: this.#degradedUnsaid };
    this.#degradedUnsaid = 0;
    this.#degradedSaidMs = nowMs;
    this.#log.warn(line, 'decided without every stage');
  }

  labelRecorded(label: {
    readonly tenantId: string;
    readonly verdict: string;
    readonly source: string;
    readonly status: string;
    readonly requestId: string;
  }): void {
    this.metrics.labelled(label.verdict, label.source, label.status);
    this.#log.debug(
      { request: label.requestId, tenant: label.tenantId, label: label.verdict, source: label.source },
      `label ${label.status}`,
    );
  }

  orphansFinished(count: number): void {
    this.metrics.orphansFinished(count);
    this.#log.warn({ count }, 'finished payments that a crash had left undecided');
  }

  /** Our own mistake about a payment that was received: said once for each, since the sweeper tries it every second. */
  orphanFailed(transactionId: string, mistake: unknown): void {
    if (this.#failedOrphans.has(transactionId) || this.#failedOrphans.size >= FAILED_ORPHAN_COUNT_MAX) return;
    this.#failedOrphans.add(transactionId);
    this.metrics.refused('internal');
    this.#log.error(
      {
        transaction: transactionId,
        error: errorName(mistake),
        stack: mistake instanceof Error ? mistake.stack : undefined,
      },
      'a received payment cannot be decided: a mistake of ours; it stays undecided',
    );
  }

  caseDecided(event: {
    readonly decisionId: string;
    readonly outcome: Outcome;
    readonly analystId: string;
    readonly blocksCard: boolean;
  }): void {
    this.metrics.caseEvent('decided');
    this.#log.info(
      {
        decision: event.decisionId,
        outcome: event.outcome,
        analyst: event.analystId,
        cardBlocked: event.blocksCard,
      },
      'analyst decided',
    );
  }

  caseUndone(event: { readonly decisionId: string; readonly analystId: string }): void {
    this.metrics.caseEvent('undone');
    this.#log.info({ decision: event.decisionId, analyst: event.analystId }, 'analyst took it back');
  }

  caseEffected(event: {
    readonly decisionId: string;
    readonly outcome: Outcome;
    readonly version: number;
  }): void {
    this.metrics.caseEvent('effected');
    this.#log.info(
      { decision: event.decisionId, outcome: event.outcome, version: event.version },
      'decision revised',
    );
  }

  caseEffectDelayed(event: { readonly decisionId: string; readonly error: unknown }): void {
    this.#log.error(
      { decision: event.decisionId, error: errorName(event.error) },
      'a revision could not be written; it is tried again',
    );
  }

  consoleConnected(): void {
    this.metrics.sockets(+1);
  }

  consoleLeft(): void {
    this.metrics.sockets(-1);
  }

  consoleSkipped(alertCount: number): void {
    this.metrics.alertsSkipped(alertCount);
    this.#log.warn({ alerts: alertCount }, 'a console is slow and was told how much it missed');
  }

  consoleKicked(bufferedBytes: number): void {
    this.metrics.consoleKicked();
    this.#log.warn({ bufferedBytes }, 'a console that takes nothing was disconnected');
  }

  requestRefused(requestId: string, code: ErrorCode): void {
    this.metrics.refused(code);
    if (code === 'log_unavailable') this.metrics.level('L5');
    if (code === 'unauthenticated' || code === 'forbidden')
      this.#log.warn({ request: requestId, code }, 'request refused');
    else this.#log.debug({ request: requestId, code }, 'request refused');
  }

  /** Our own mistake: someone has to look at it. */
  requestFailed(requestId: string, error: unknown): void {
    this.metrics.refused('internal');
    this.#log.error(
      {
        request: requestId,
        error: errorName(error),
        stack: error instanceof Error ? error.stack : undefined,
      },
      'request failed',
    );
  }

  trafficEnded(ended: {
    readonly code: number | null;
    readonly signal: string | null;
    readonly lastLines: string;
  }): void {
    this.metrics.trafficEnded();
    this.#log.error(ended, 'the demo traffic ended by itself; restart to have it again, or use --rate 0');
  }

  started(parts: { readonly logEnd: number; readonly startMs: number }): void {
    this.#log.info(parts, 'started');
  }

  told(message: string, fields: Readonly<Record<string, unknown>> = {}): void {
    this.#log.info(fields, message);
  }

  /** Someone has to look at it. */
  failed(message: string, fields: Readonly<Record<string, unknown>> = {}): void {
    this.#log.error(fields, message);
  }

  /** What a library says: of use to whoever looks into something that was told of already. */
  murmured(message: string, fields: Readonly<Record<string, unknown>>): void {
    this.#log.debug(fields, message);
  }

  warned(message: string, fields: Readonly<Record<string, unknown>> = {}): void {
    this.#log.warn(fields, message);
  }

  stopping(reason: string): void {
    this.#log.info({ reason }, 'stopping: finishing what was asked, then closing the log');
  }

  stopped(tookMs: number): void {
    this.#log.info({ tookMs }, 'stopped');
  }
}

function errorName(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : typeof error;
}
