import type { Decision, Label, Outcome, TransactionPayload } from '@veto/domain';
import { ask, type Answer, type Unanswered } from './ask';
import { Backlog, type Owed } from './backlog';
import { refusePans } from './pan-guard';
import { isRecord, VetoApiError } from './veto-api-error';

export interface VetoClientOptions {
  /** Where Veto is, without `/v1`: `https://veto.example`. */
  readonly baseUrl: string;
  /** `veto_live_…` or `veto_test_…`, with the scopes that are needed. */
  readonly apiKey: string;
  /** Time for one question with all its retries, ms; default 1 000. */
  readonly deadlineMs?: number;
  /** Requests for one question, the first included; default 4. */
  readonly attemptsMax?: number;
  /** Payments and labels remembered for `backfill`; default 1 000. */
  readonly backlogCountMax?: number;
  /** Your own outcome for when Veto does not answer in time: approve what you can afford to lose. */
  readonly fallback: (payload: TransactionPayload) => Outcome;
  /** Default: the platform's `fetch`, which keeps connections alive. */
  readonly fetch?: typeof globalThis.fetch;
}

export interface CallOptions {
  /** ms, in place of the client's. */
  readonly deadlineMs?: number;
  /** Stops waiting; the call then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** An outcome to act upon, and whose it is. */
export type ClientDecision = {
  readonly outcome: Outcome;
  readonly attemptCount: number;
  /** From the call to this answer, retries included. */
  readonly latencyMs: number;
} & (
  | {
      readonly source: 'veto';
      readonly decision: Decision;
      /** The same id was decided before; these are the same bytes. */ readonly replayed: boolean;
    }
  | { readonly source: 'fallback'; readonly cause: Unanswered }
);

/** Whether a label has arrived; one that has not is remembered for `backfill`. */
export type LabelReceipt =
  | { readonly status: 'sent'; readonly attemptCount: number }
  | { readonly status: 'remembered'; readonly cause: Unanswered; readonly attemptCount: number };

/** One version of a decision: the automatic one, or an analyst's revision. */
export type DecisionVersion = Pick<
  Decision,
  'version' | 'outcome' | 'recommended_action' | 'decided_by' | 'created_at'
> & {
  /** The analyst's reason; null for the automatic decision. */
  readonly reason: string | null;
};

/** A decision as it stands now, and every version that it had, oldest first. */
export type KnownDecision = Decision & { readonly revisions: readonly DecisionVersion[] };

/** What became of what was owed. */
export interface Backfilled {
  readonly sentCount: number;
  /** Refused for good; each is named, and no longer owed. */
  readonly refused: readonly { readonly owed: Owed; readonly error: VetoApiError }[];
  /** Still owed. */
  readonly leftCount: number;
}

export interface VetoClient {
  /**
   * Asks about a payment. Retries with the same id while there is time, which is safe: one id gets one decision. When
   * there is no answer, returns your fallback's outcome, and remembers the payment so that `backfill` can tell of it.
   * @throws VetoApiError when the request itself is refused: a wrong body, key, or an id used before with another body;
   *   before anything is sent, when the body holds a card number
   */
  decide(payload: TransactionPayload, options?: CallOptions): Promise<ClientDecision>;
  /** Tells what a payment turned out to be. @throws VetoApiError when refused, `not_found` for an unknown payment */
  label(label: Label, options?: CallOptions): Promise<LabelReceipt>;
  /** The decision of that id (`dec_…`), or null. @throws VetoApiError · VetoUnavailableError */
  getDecision(decisionId: string, options?: CallOptions): Promise<KnownDecision | null>;
  /** The decision about the payment with your id, or null. @throws VetoApiError · VetoUnavailableError */
  findDecision(transactionId: string, options?: CallOptions): Promise<KnownDecision | null>;
  /** Tells what is owed, oldest first, until all is told or Veto stops answering. Call it when Veto is back. */
  backfill(options?: CallOptions): Promise<Backfilled>;
  /** What is owed, and how much was dropped for want of room. */
  readonly backlog: { readonly count: number; readonly droppedCount: number; list(): readonly Owed[] };
}

/** Veto did not answer a question that has no fallback. Asking later may help. */
export class VetoUnavailableError extends Error {
  override readonly name = 'VetoUnavailableError';
  readonly unanswered: Unanswered;

  constructor(unanswered: Unanswered) {
    super(`Veto did not answer (${unanswered.code}: ${unanswered.detail})`);
    this.unanswered = unanswered;
  }
}

const DEADLINE_MS = 1_000;
const ATTEMPTS_MAX = 4;
const BACKLOG_COUNT_MAX = 1_000;
/** What may stand in a header. */
const PRINTABLE = /^[\x21-\x7e]+$/;

const OUTCOMES: readonly string[] = ['approve', 'challenge', 'review', 'block'] satisfies readonly Outcome[];

function isDecision(value: unknown): value is Decision {
  return (
    isRecord(value) &&
    value['object'] === 'decision' &&
    typeof value['outcome'] === 'string' &&
    OUTCOMES.includes(value['outcome'])
  );
}

function isKnownDecision(value: unknown): value is KnownDecision {
  return isDecision(value) && 'revisions' in value && Array.isArray(value.revisions);
}

class HttpVetoClient implements VetoClient {
  private readonly owed: Backlog;
  private readonly base: string;

  constructor(private readonly options: VetoClientOptions) {
    // An address or key that can never work is said at once, not hidden behind a fallback for ever.
    if (!/^https?:$/.test(new URL(options.baseUrl).protocol))
      throw new TypeError('baseUrl: expected an http or https address');
    if (!PRINTABLE.test(options.apiKey))
      throw new TypeError('apiKey: expected printable ASCII without blanks');
    this.base = options.baseUrl.replace(/\/+$/, '');
    this.owed = new Backlog(options.backlogCountMax ?? BACKLOG_COUNT_MAX);
  }

  get backlog(): VetoClient['backlog'] {
    const { owed } = this;
    return { count: owed.size, droppedCount: owed.droppedCount, list: () => owed.list() };
  }

  async decide(payload: TransactionPayload, options: CallOptions = {}): Promise<ClientDecision> {
    refusePans(payload);
    const startedAtMs = performance.now();
    const answer = await this.askAboutPayment(payload, options);
    const { attemptCount } = answer;
    const latencyMs = performance.now() - startedAtMs;
    if (answer.answered) {
      const decision = answer.body as Decision; // isDecision held, or it were no answer
      this.owed.settle({ kind: 'transaction', payload });
      return {
        source: 'veto',
        outcome: decision.outcome,
        decision,
        replayed: answer.headers.get('idempotent-replayed') === 'true',
        attemptCount,
        latencyMs,
      };
    }
    this.owed.add({ kind: 'transaction', payload });
    return {
      source: 'fallback',
      outcome: this.options.fallback(payload),
      cause: answer.cause,
      attemptCount,
      latencyMs,
    };
  }

  async label(label: Label, options: CallOptions = {}): Promise<LabelReceipt> {
    refusePans(label);
    const answer = await this.sendLabel(label, options);
    const { attemptCount } = answer;
    if (answer.answered) {
      this.owed.settle({ kind: 'label', label });
      return { status: 'sent', attemptCount };
    }
    this.owed.add({ kind: 'label', label });
    return { status: 'remembered', cause: answer.cause, attemptCount };
  }

  getDecision(decisionId: string, options: CallOptions = {}): Promise<KnownDecision | null> {
    return this.read(`/v1/decisions/${encodeURIComponent(decisionId)}`, options);
  }

  findDecision(transactionId: string, options: CallOptions = {}): Promise<KnownDecision | null> {
    return this.read(`/v1/decisions?transaction_id=${encodeURIComponent(transactionId)}`, options);
  }

  async backfill(options: CallOptions = {}): Promise<Backfilled> {
    let sentCount = 0;
    const refused: { owed: Owed; error: VetoApiError }[] = [];
    for (const owed of this.owed.list()) {
      try {
        const answer =
          owed.kind === 'transaction'
            ? await this.askAboutPayment(owed.payload, options)
            : await this.sendLabel(owed.label, options);
        if (!answer.answered) break;
        sentCount++;
      } catch (error) {
        // Only a refusal settles a debt; the caller's own abort leaves it.
        if (!(error instanceof VetoApiError)) throw error;
        refused.push({ owed, error });
      }
      this.owed.settle(owed);
    }
    return { sentCount, refused, leftCount: this.owed.size };
  }

  private askAboutPayment(payload: TransactionPayload, options: CallOptions): Promise<Answer> {
    const { id } = payload.transaction;
    // An id that no header can hold is refused by the server with a better sentence than fetch has.
    const headers = PRINTABLE.test(id) ? { 'idempotency-key': id } : {};
    return this.ask('POST', '/v1/decisions', options, {
      headers,
      body: JSON.stringify(payload),
      isAnswer: isDecision,
    });
  }

  private sendLabel(label: Label, options: CallOptions): Promise<Answer> {
    return this.ask('POST', '/v1/labels', options, { body: JSON.stringify(label), isAnswer: () => true });
  }

  private async read(path: string, options: CallOptions): Promise<KnownDecision | null> {
    const answer = await this.ask('GET', path, options, { isAnswer: isKnownDecision, alsoAnswers: [404] });
    if (!answer.answered) throw new VetoUnavailableError(answer.cause);
    // isKnownDecision held for every other answer
    return answer.status === 404 ? null : (answer.body as KnownDecision);
  }

  private ask(
    method: 'GET' | 'POST',
    path: string,
    options: CallOptions,
    rest: {
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
      readonly alsoAnswers?: readonly number[];
      isAnswer(body: unknown): boolean;
    },
  ): Promise<Answer> {
    const {
      apiKey,
      deadlineMs = DEADLINE_MS,
      attemptsMax = ATTEMPTS_MAX,
      fetch = globalThis.fetch,
    } = this.options;
    return ask({
      ...rest,
      fetch,
      method,
      url: `${this.base}${path}`,
      headers: {
        accept: 'application/json',
        authorization: `Bearer ${apiKey}`,
        ...(rest.body !== undefined && { 'content-type': 'application/json' }),
        ...rest.headers,
      },
      deadlineMs: options.deadlineMs ?? deadlineMs,
      attemptsMax,
      signal: options.signal,
    });
  }
}

/**
 * A client for one merchant's key. It needs no closing.
 * @throws TypeError for a `baseUrl` that is no http address, or a key that no header can hold
 */
export function createVetoClient(options: VetoClientOptions): VetoClient {
  return new HttpVetoClient(options);
}
