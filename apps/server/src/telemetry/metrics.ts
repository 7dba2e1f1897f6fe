import { monitorEventLoopDelay } from 'node:perf_hooks';
import { LADDER_LEVELS, type ErrorCode, type LadderLevel, type LineStage, type Outcome } from '@veto/domain';
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
  /** Cents of the base currency that defaults approved in the last five minutes, by tenant. */
  readonly failOpenSpent: () => Iterable<readonly [tenantId: string, cents: number]>;
}

export interface Metrics {
  decided(outcome: Outcome, replayed: boolean, decidedBy: string): void;
  timed(timingsMs: Readonly<Record<string, number>>): void;
  degraded(stage: LineStage): void;
  /** L5: nothing could be made durable, and nothing was decided. */
  level(level: LadderLevel | 'L5'): void;
  labelled(verdict: string, source: string, status: string): void;
  orphansFinished(count: number): void;
  caseEvent(kind: 'decided' | 'undone' | 'effected'): void;
  sockets(change: 1 | -1): void;
  alertsSkipped(count: number): void;
  consoleKicked(): void;
  refused(code: ErrorCode): void;
  trafficEnded(): void;
  /** What is asked at scrape time, once there is something to ask. */
  watch(sources: MetricSources): void;
  /** For what not every instance has. */
  readonly registry: Registry;
  /** Prometheus text format. */
  expose(): Promise<string>;
  readonly contentType: string;
  close(): void;
}

const STAGE_SECONDS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1];

export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[] = []): Counter<L> =>
    new Counter({ name, help, labelNames, registers });
  collectDefaultMetrics({ register: registry });
  const delay = addEventLoopDelay(registers);

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
  const levels = counter(
    'veto_ladder_total',
    'Decisions by level of the ladder; L5 = refused, nothing durable',
    ['level'],
  );
  for (const level of [...LADDER_LEVELS, 'L5'] as const) levels.inc({ level }, 0);
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
    level: (level) => levels.inc({ level }),
    labelled: (label, source, status) => labels.inc({ label, source, status }),
    orphansFinished: (count) => orphans.inc(count),
    caseEvent: (kind) => cases.inc({ kind }),
    sockets: (change) => sockets.inc(change),
    alertsSkipped: (count) => skipped.inc(count),
    consoleKicked: () => kicked.inc(),
    refused: (code) => refused.inc({ code }),
    trafficEnded: () => trafficEnds.inc(),
    watch: (sources) => addGauges(registers, sources),
    registry,
    expose: () => registry.metrics(),
    contentType: registry.contentType,
    close: () => {
      delay.disable();
      registry.clear();
    },
  };
}

function addGauges(registers: Registry[], sources: MetricSources): void {
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
  gauge('veto_decisions_in_flight', 'Requests that wait for the line', sources.inFlight);
  gauge('veto_open_alerts', 'Alerts that wait for an analyst', sources.openAlerts);
  gauge('veto_open_reviews', 'Payments held until an analyst decides', sources.openReviews);
  gauge('veto_log_end_position', 'Position of the last durable record', sources.logEnd);
  gauge('veto_view_lag_records', 'Records on the log that the views have not taken yet', sources.viewLag);
  new Gauge({
    name: 'veto_fail_open_spent_cents',
    help: 'What defaults approved in the last five minutes, cents of the base currency',
    labelNames: ['tenant'],
    registers,
    collect() {
      this.reset();
      for (const [tenant, cents] of sources.failOpenSpent()) this.set({ tenant }, cents);
    },
  });
}

function addEventLoopDelay(registers: Registry[]): { disable(): void } {
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  new Gauge({
    name: 'veto_event_loop_delay_p99_seconds',
    help: 'How late timers ran since the last scrape, 99th percentile',
    registers,
    collect() {
      this.set(delay.percentile(99) / 1e9);
      delay.reset();
    },
  });
  return { disable: () => delay.disable() };
}
