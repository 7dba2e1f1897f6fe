import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { ErrorCode, LineStage, Outcome } from '@veto/domain';
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

/** What is asked at scrape time. */
export interface MetricSources {
  /** Requests that wait for the line. */
  readonly inFlight: () => number;
  readonly openAlerts: () => number;
  readonly openReviews: () => number;
  readonly logEnd: () => number;
  /** Records on the log that the views have not taken yet. */
  readonly viewLag: () => number;
}

export interface Metrics {
  decided(outcome: Outcome, replayed: boolean, decidedBy: string): void;
  timed(timingsMs: Readonly<Record<string, number>>): void;
  degraded(stage: LineStage): void;
  labelled(verdict: string, source: string, status: string): void;
  orphansFinished(count: number): void;
  caseEvent(kind: 'decided' | 'undone' | 'effected'): void;
  sockets(change: 1 | -1): void;
  alertsSkipped(count: number): void;
  consoleKicked(): void;
  refused(code: ErrorCode): void;
  trafficEnded(): void;
  /** Prometheus text format. */
  expose(): Promise<string>;
  readonly contentType: string;
  close(): void;
}

const STAGE_SECONDS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1];

export function createMetrics(sources: MetricSources): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[] = []): Counter<L> =>
    new Counter({ name, help, labelNames, registers });
  collectDefaultMetrics({ register: registry });
  const delay = addGauges(registers, sources);

  const decisions = counter('veto_decisions_total', 'Decisions answered, by outcome and by what decided', [
    'outcome',
    'decided_by',
    'replayed',
  ]);
  const stages = new Histogram({
    name: 'veto_stage_seconds',
    help: 'Time of each stage of the line; total is from receipt to the durable decision',
    labelNames: ['stage'] as const,
    buckets: STAGE_SECONDS,
    registers,
  });
  const degraded = counter('veto_degraded_total', 'Decisions made while a stage was silent', ['stage']);
  const labels = counter('veto_labels_total', 'Labels taken', ['label', 'source', 'status']);
  const orphans = counter(
    'veto_orphans_finished_total',
    'Payments that a crash left undecided and the sweeper finished',
  );
  const cases = counter('veto_case_events_total', 'What analysts did', ['kind']);
  const sockets = new Gauge({ name: 'veto_console_sockets', help: 'Consoles connected', registers });
  const skipped = counter(
    'veto_console_alerts_skipped_total',
    'Alerts that a slow console was told it missed',
  );
  const kicked = counter('veto_console_kicked_total', 'Consoles disconnected because they took nothing');
  const refused = counter(
    'veto_requests_refused_total',
    'Requests answered with a problem document, by code',
    ['code'],
  );
  const trafficEnds = counter('veto_demo_traffic_ends_total', 'Times the demo traffic ended by itself');

  return {
    decided: (outcome, replayed, decidedBy) =>
      decisions.inc({ outcome, decided_by: decidedBy, replayed: String(replayed) }),
    timed: (timingsMs) => {
      for (const stage of Object.keys(timingsMs)) stages.observe({ stage }, (timingsMs[stage] ?? 0) / 1_000);
    },
    degraded: (stage) => degraded.inc({ stage }),
    labelled: (label, source, status) => labels.inc({ label, source, status }),
    orphansFinished: (count) => orphans.inc(count),
    caseEvent: (kind) => cases.inc({ kind }),
    sockets: (change) => sockets.inc(change),
    alertsSkipped: (count) => skipped.inc(count),
    consoleKicked: () => kicked.inc(),
    refused: (code) => refused.inc({ code }),
    trafficEnded: () => trafficEnds.inc(),
    expose: () => registry.metrics(),
    contentType: registry.contentType,
    close: () => {
      delay.disable();
      registry.clear();
    },
  };
}

function addGauges(registers: Registry[], sources: MetricSources): { disable(): void } {
  const gauge = (name: string, help: string, value: () => number): void => {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(value());
      },
    });
  };
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  gauge('veto_decisions_in_flight', 'Requests that wait for the line', sources.inFlight);
  gauge('veto_open_alerts', 'Alerts that wait for an analyst', sources.openAlerts);
  gauge('veto_open_reviews', 'Payments held until an analyst decides', sources.openReviews);
  gauge('veto_log_end_position', 'Position of the last durable record', sources.logEnd);
  gauge('veto_view_lag_records', 'Records on the log that the views have not taken yet', sources.viewLag);
  gauge(
    'veto_event_loop_delay_p99_seconds',
    'How late timers ran since the last scrape, 99th percentile',
    () => {
      const seconds = delay.percentile(99) / 1e9;
      delay.reset();
      return seconds;
    },
  );
  return { disable: () => delay.disable() };
}
