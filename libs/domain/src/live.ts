import type { CaseState } from './case';
import type { Decision } from './decision';
import type { Outcome, Severity } from './outcome';

/** Items in one frame, at most. */
export const FRAME_ITEM_COUNT_MAX = 200;
/** Time between two frames to one client, in ms, at least. */
export const FRAME_INTERVAL_MS = 100;
/** Frames that may wait for one client before it is told to fetch the gap itself. */
export const CLIENT_ITEM_BUFFER_COUNT_MAX = 5_000;
/** A payment older than this when it was decided opens no alert: nothing can be done about it any more. */
export const ALERT_AGE_MAX_MS = 24 * 3_600_000;
/** Time between heartbeats, in ms. */
export const HEARTBEAT_INTERVAL_MS = 1_000;

/** A decision that wants a human's eyes: one row of the queue. */
export interface Alert {
  /** Position of its decision in the log: the cursor. */
  readonly position: number;
  readonly decisionId: string;
  readonly transactionId: string;
  readonly occurredAtMs: number;
  readonly decidedAtMs: number;
  readonly outcome: Outcome;
  readonly severity: Severity;
  readonly score: number | null;
  readonly amountMinor: number;
  readonly currency: string;
  readonly amountBaseMinor: number;
  readonly card: {
    readonly bin: string | null;
    readonly last4: string | null;
    readonly brand: string | null;
  } | null;
  readonly merchant: { readonly id: string; readonly name: string | null } | null;
  /** The deciding clause or the strongest reason, as a sentence. */
  readonly topReason: string;
  readonly degraded: boolean;
  readonly dueAtMs: number | null;
  readonly case: AlertCase;
}

/** What of a case a row shows. */
export type AlertCase = Pick<
  CaseState,
  'version' | 'status' | 'outcome' | 'decidedBy' | 'effectiveAtMs' | 'claimedBy' | 'claimedUntilMs'
>;

/** A change to an alert that is on somebody's screen. */
export interface AlertPatch {
  readonly position: number;
  readonly decisionId: string;
  readonly case: AlertCase;
}

/** Exact counters over everything, whatever was sampled or dropped. */
export interface QueueCounts {
  readonly open: number;
  readonly critical: number;
  /** When the oldest open alert was decided; null when there is none. */
  readonly oldestDecidedAtMs: number | null;
  readonly nextDueAtMs: number | null;
  /** Decisions in the last second, and by outcome in the last minute. */
  readonly decisionsPerSecond: number;
  readonly outcomesLastMinute: Readonly<Record<Outcome, number>>;
}

/** One message to a console, at most every `FRAME_INTERVAL_MS`. */
export interface LiveFrame {
  readonly v: 1;
  /** Log position that this client had seen before the frame, and has seen after it; a gap shows as `from` ≠ last `to`. */
  readonly from: number;
  readonly to: number;
  readonly alerts: readonly Alert[];
  readonly patches: readonly AlertPatch[];
  readonly counts: QueueCounts;
  /** Alerts between `from` and `to` that this client was not sent; fetch them by REST from `from`. */
  readonly dropped: number;
  readonly serverTimeMs: number;
  /** Age of the newest record on the log that the gateway has not yet passed on, in ms. */
  readonly lagMs: number;
}

/** Events from server to console, by name. */
export interface ServerToConsole {
  readonly frame: (frame: LiveFrame) => void;
  readonly server_restart: (notice: { readonly retryAfterMs: number }) => void;
}

/** Where a console wants to go on. */
export interface SubscribeRequest {
  /** The last log position seen; null = now. */
  readonly after: number | null;
  /** The log whose position that is; without it, that of the instance that is asked. */
  readonly logId?: string;
}

/**
 * Where the stream begins, and in which log. Instances have logs of their own, though they say the same: with another
 * `logId` than the console's, or a smaller `from`, its position means nothing there, and it loads the queue anew.
 */
export interface SubscribeReply {
  readonly from: number;
  readonly logId: string;
}

/** Events from console to server, by name. */
export interface ConsoleToServer {
  readonly subscribe: (
    request: SubscribeRequest,
    acknowledge: (reply: SubscribeReply | { readonly error: string }) => void,
  ) => void;
}

/** `GET /desk/alerts?after=&limit=`: oldest first. */
export interface AlertPage {
  readonly alerts: readonly Alert[];
  /** Log position reached; ask again with `after=to` while `more`. */
  readonly to: number;
  readonly more: boolean;
  /** The log that `to` is a position of. */
  readonly logId: string;
}

/** `GET /desk/queue`: what is open now, most urgent first, and the position from which to listen. */
export interface QueueSnapshot {
  readonly alerts: readonly Alert[];
  readonly counts: QueueCounts;
  readonly to: number;
  /** The log that `to` is a position of: say it when listening from there. */
  readonly logId: string;
}

/** `GET /desk/session` */
export interface DeskSession {
  readonly analyst: { readonly id: string; readonly name: string; readonly role: string };
  readonly mode: 'demo' | 'production';
  readonly version: string;
  readonly undoWindowMs: number;
}

/** `GET /desk/decisions/{id}`: the whole story of one decision. */
export interface DecisionDetail {
  readonly alert: Alert;
  readonly decision: Decision;
  readonly revisions: readonly {
    readonly decision: Decision;
    readonly revisedAtMs: number;
    readonly revisedBy: string;
    readonly reason: string;
  }[];
  /** The payment, with e-mail and phone masked. */
  readonly transaction: unknown;
  readonly features: readonly FeatureSeen[];
  readonly ruleHits: readonly {
    readonly id: string;
    readonly name: string;
    readonly mode: string;
    readonly effect: string;
    readonly seen: readonly { readonly name: string; readonly value: unknown }[];
  }[];
  readonly rulesEvaluated: number;
  readonly timeline: readonly { readonly atMs: number; readonly text: string }[];
  readonly case: CaseState;
  /** decided → on the log, in ms. */
  readonly loggedAfterMs: number;
}

/** A feature as the model saw it. */
export interface FeatureSeen {
  readonly name: string;
  readonly description: string;
  readonly unit: string;
  readonly value: number | null;
  readonly typical: readonly [number, number] | null;
  /** In score units; null when nothing was explained. */
  readonly contribution: number | null;
  readonly truncated: boolean;
}
