import { setMaxListeners } from 'node:events';
import {
  createVetoClient,
  VetoApiError,
  VetoUnavailableError,
  type ClientDecision,
  type VetoClient,
} from '@veto/client';
import { EventQueue } from '../event-queue';
import { reportLabels } from '../labels/report-labels';
import {
  payloadOf,
  type PaymentDraft,
  type SimulatedLabel,
  type SimulatedPayment,
  type Truth,
} from '../payment';
import { randomOf } from '../random';
import type { World } from '../world/world';
import { AttackDirector, type LiveAttack } from './attack-director';
import { GenuineStream } from './genuine-stream';
import { LiveCounters, type LiveReport } from './live-report';
import { liveWorldOf } from './live-world';
import { pause } from './pause';
import { pastOf, tellPast } from './prologue';

export interface LiveOptions {
  readonly url: string;
  readonly apiKey: string;
  readonly ratePerSecond: number;
  readonly seed: number;
  /** 0: until it is stopped. */
  readonly durationMs: number;
  readonly labelSpeedup: number;
  /** Time for telling a new server the past; what is left then stays untold. Default 14 000. */
  readonly pastTimeMsMax?: number;
}

const TICK_MS = 20;
const REPORT_EVERY_MS = 1_000;
const BACKFILL_EVERY_MS = 5_000;
const CALL_DEADLINE_MS = 2_000;
/** A server that has just been started is waited for. */
const FIRST_ANSWER_MS_MAX = 30_000;
const PAST_TIME_MS_MAX = 14_000;
const SCHEDULED_LABEL_COUNT_MAX = 50_000;
/** Attacks come on top; with them the whole is about the wanted rate. */
const GENUINE_SHARE_OF_RATE = 0.9;

/** How many payments may be on their way at once. */
export function inFlightCountMaxOf(ratePerSecond: number): number {
  return Math.round(Math.min(256, Math.max(16, ratePerSecond)));
}

/** Why live traffic ended by itself. */
export type LiveEnd =
  | { readonly reason: 'stopped' | 'duration' }
  | { readonly reason: 'refused' | 'unanswered'; readonly detail: string };

interface Planned {
  readonly draft: PaymentDraft;
  readonly truth: Truth;
}

const GENUINE: Truth = { fraud: false, pattern: null };

/** A run: what is on its way, what is planned, what was counted. */
class LiveRun {
  private readonly world: World;
  private readonly client: VetoClient;
  private readonly counters = new LiveCounters();
  private readonly planned = new EventQueue<Planned>();
  private readonly labels = new EventQueue<SimulatedLabel>();
  private readonly labelRandom;
  private readonly startMs = Date.now();
  private readonly runId = this.startMs.toString(36);
  private readonly inFlightCountMax: number;
  private readonly stop = new AbortController();
  private attacks: readonly LiveAttack[] = [];
  private inFlightCount = 0;
  private paymentCount = 0;
  private end: LiveEnd = { reason: 'stopped' };

  constructor(
    private readonly options: LiveOptions,
    private readonly onReport: (report: LiveReport) => void,
  ) {
    const { url, apiKey, seed, ratePerSecond } = options;
    this.world = liveWorldOf({ seed, ratePerSecond, startMs: this.startMs });
    // Every call on its way listens to it.
    setMaxListeners(0, this.stop.signal);
    this.labelRandom = randomOf(seed, 'live labels', this.runId);
    this.inFlightCountMax = inFlightCountMaxOf(ratePerSecond);
    // A shop that would rather sell: what cannot be asked is approved, and told when Veto is back.
    this.client = createVetoClient({
      baseUrl: url,
      apiKey,
      deadlineMs: CALL_DEADLINE_MS,
      backlogCountMax: 500,
      fallback: () => 'approve',
    });
  }

  async run(signal: AbortSignal): Promise<LiveEnd> {
    const onStop = (): void => this.stop.abort();
    signal.addEventListener('abort', onStop, { once: true });
    if (signal.aborted) onStop();
    try {
      if (await this.isAnswered()) await Promise.all([this.tellPast(), this.liveOn()]);
    } finally {
      signal.removeEventListener('abort', onStop);
    }
    return this.end;
  }

  private finish(end: LiveEnd): void {
    if (this.stop.signal.aborted) return;
    this.end = end;
    this.stop.abort();
  }

  /** Waits until the server answers anything at all. */
  private async isAnswered(): Promise<boolean> {
    const untilMs = performance.now() + FIRST_ANSWER_MS_MAX;
    while (!this.stop.signal.aborted) {
      try {
        await this.client.findDecision('nothing', { deadlineMs: CALL_DEADLINE_MS, signal: this.stop.signal });
        return true;
      } catch (error) {
        if (!(error instanceof VetoUnavailableError)) {
          this.endBy(error);
          return false;
        }
        if (performance.now() > untilMs) this.finish({ reason: 'unanswered', detail: error.message });
        await pause(200, this.stop.signal);
      }
    }
    return false;
  }

  private async tellPast(): Promise<void> {
    const past = () => pastOf(this.world, { nowMs: this.startMs, runId: this.runId });
    const { seed, pastTimeMsMax = PAST_TIME_MS_MAX } = this.options;
    try {
      await tellPast(this.client, this.counters, {
        seed,
        past,
        timeMsMax: pastTimeMsMax,
        signal: this.stop.signal,
      });
    } catch (error) {
      if (error instanceof VetoUnavailableError) this.counters.failed('past_untold');
      else this.endBy(error);
    }
  }

  private async liveOn(): Promise<void> {
    const { ratePerSecond, durationMs } = this.options;
    const { world, runId } = this;
    const startMs = Date.now();
    const genuine = new GenuineStream(world, {
      runId,
      startMs,
      ratePerSecond: ratePerSecond * GENUINE_SHARE_OF_RATE,
    });
    const paymentCountMax = Math.round(Math.min(150, Math.max(6, ratePerSecond * 6)));
    const director = new AttackDirector({ world, runId, startMs, paymentCountMax });
    let reportedAtMs = startMs;
    let backfilledAtMs = startMs;
    while (!this.stop.signal.aborted) {
      const nowMs = Date.now();
      if (durationMs > 0 && nowMs - startMs >= durationMs) this.finish({ reason: 'duration' });
      for (const draft of genuine.draftsUntil(nowMs)) this.planned.put(draft.atMs, { draft, truth: GENUINE });
      for (const attack of director.attacksAt(nowMs)) this.begin(attack, nowMs);
      this.sendDue(nowMs);
      if (nowMs - reportedAtMs >= REPORT_EVERY_MS) {
        this.onReport(this.reportAt(nowMs, { startMs, reportedAtMs }));
        reportedAtMs = nowMs;
      }
      if (nowMs - backfilledAtMs >= BACKFILL_EVERY_MS) {
        backfilledAtMs = nowMs;
        if (this.client.backlog.count > 0) this.inFlight(this.client.backfill({ signal: this.stop.signal }));
      }
      await pause(TICK_MS, this.stop.signal);
    }
  }

  private begin(attack: LiveAttack, nowMs: number): void {
    this.attacks = [...this.attacks.filter(({ endsAtMs }) => endsAtMs > nowMs), attack];
    const truth = { fraud: true, pattern: attack.pattern };
    for (const draft of attack.drafts) this.planned.put(draft.atMs, { draft, truth });
  }

  private sendDue(nowMs: number): void {
    for (
      let next = this.planned.takeBefore(nowMs + 1);
      next !== undefined;
      next = this.planned.takeBefore(nowMs + 1)
    ) {
      if (this.inFlightCount >= this.inFlightCountMax) this.counters.skippedCount++;
      else this.inFlight(this.pay(next));
    }
    while (this.inFlightCount < this.inFlightCountMax) {
      const label = this.labels.takeBefore(nowMs + 1);
      if (label === undefined) break;
      this.inFlight(this.tell(label));
    }
  }

  /** Payments happen when they are sent, whatever was planned. */
  private async pay({ draft, truth }: Planned): Promise<void> {
    const atMs = Date.now();
    const id = `ord_${this.runId}_${(this.paymentCount++).toString(36)}`;
    const payment: SimulatedPayment = {
      type: 'transaction',
      atMs,
      truth,
      body: payloadOf(id, { ...draft, atMs }),
    };
    const answer = await this.client.decide(payment.body, { signal: this.stop.signal });
    this.counters.decided(truth, answer);
    this.scheduleLabels(payment, answer);
  }

  /** Labels as in life, only faster. What was stopped moved no money, so no bank reports it. */
  private scheduleLabels(payment: SimulatedPayment, answer: ClientDecision): void {
    if (answer.source === 'fallback') return;
    for (const label of reportLabels(this.labelRandom, payment)) {
      const isByBank = label.body.source !== 'manual_review' && label.body.source !== 'customer';
      if (isByBank && answer.outcome === 'block') continue;
      if (this.labels.size >= SCHEDULED_LABEL_COUNT_MAX) return;
      const atMs = payment.atMs + (label.atMs - payment.atMs) / this.options.labelSpeedup;
      this.labels.put(atMs, label);
    }
  }

  private async tell(label: SimulatedLabel): Promise<void> {
    const body = { ...label.body, reported_at: new Date().toISOString() };
    await this.client.label(body, { signal: this.stop.signal });
    this.counters.labelCount++;
  }

  /** Counts a call while it is on its way, and what it came to if that is an error. */
  private inFlight(call: Promise<unknown>): void {
    this.inFlightCount++;
    call
      .catch((error: unknown) => this.endBy(error))
      .finally(() => {
        this.inFlightCount--;
      });
  }

  /** A wrong key will not become right, and a mistake of our own is not to be hidden; any other refusal is counted. */
  private endBy(error: unknown): void {
    if (this.stop.signal.aborted) return;
    if (error instanceof VetoApiError && error.status !== 401 && error.status !== 403)
      this.counters.failed(error.code);
    else this.finish({ reason: 'refused', detail: error instanceof Error ? error.message : String(error) });
  }

  private reportAt(
    nowMs: number,
    since: { readonly startMs: number; readonly reportedAtMs: number },
  ): LiveReport {
    return this.counters.report({
      seconds: (nowMs - since.startMs) / 1_000,
      sinceMs: nowMs - since.reportedAtMs,
      inFlight: this.inFlightCount,
      attacksUnderWay: this.attacks.filter(({ endsAtMs }) => endsAtMs > nowMs).map(({ pattern }) => pattern),
    });
  }
}

/** Sends payments to a running Veto until it is stopped, its time is over, or there is no point in going on. */
export function live(
  options: LiveOptions,
  run: { readonly signal: AbortSignal; onReport(report: LiveReport): void },
): Promise<LiveEnd> {
  return new LiveRun(options, run.onReport).run(run.signal);
}
