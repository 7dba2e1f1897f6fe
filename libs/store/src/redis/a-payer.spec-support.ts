import {
  packApplied,
  TOPICS,
  type BeginRequest,
  type ClaimId,
  type EventLog,
  type StateStore,
} from '@veto/domain';
import { aBeginRequest, aHistoryRecord, decisionBytes } from '@veto/testing';

export const TENANT = 'ten_test';

export interface Answer {
  readonly transactionId: string;
  readonly text: string;
  /** Decided without the shared state. */
  readonly isLocal: boolean;
  readonly ms: number;
}

/** Decides payments over a store and a log as the line does, each attempt with bytes of its own. */
export class Payer {
  readonly answers: Answer[] = [];
  #attemptCount = 0;

  constructor(
    readonly store: StateStore,
    readonly log: EventLog,
    readonly name: string,
  ) {}

  async pay(transactionId: string, overrides: Partial<BeginRequest> = {}): Promise<Answer> {
    const startedAt = performance.now();
    const { bytes, isLocal } = await this.#decide(aPayment(transactionId, overrides));
    const text = Buffer.from(bytes).toString();
    const answer = { transactionId, text, isLocal, ms: performance.now() - startedAt };
    this.answers.push(answer);
    return answer;
  }

  async #decide(request: BeginRequest): Promise<{ readonly bytes: Uint8Array; readonly isLocal: boolean }> {
    for (;;) {
      const [begun] = await this.store.begin([request]);
      if (begun === undefined || begun.status === 'fingerprint_mismatch') throw new Error('no answer');
      if (begun.status === 'in_flight') {
        const bytes = await this.store.waitFor(request, 5_000);
        if (bytes === null) continue;
        await this.log.append([recordOf(request, bytes)]);
        return { bytes, isLocal: false };
      }
      if (begun.status === 'decided') {
        if (begun.isLogged === false) await this.log.append([recordOf(request, begun.bytes)]);
        return { bytes: begun.bytes, isLocal: false };
      }
      const own = decisionBytes(request, `${this.name} ${++this.#attemptCount}`);
      const [result] = await this.store.commit([{ ...idOf(request), bytes: own }]);
      const place = { seq: begun.seq, epoch: begun.epoch, applied: packApplied(request) };
      const record = { ...recordOf(request, result!.bytes), ...place };
      const isLocal = begun.local === true;
      if (begun.provisional !== true && result!.provisional !== true) {
        await this.log.append([record]);
        return { bytes: result!.bytes, isLocal };
      }
      const position = await this.log.appendReadable([record]);
      const winner = position === null ? null : await this.store.winnerOnLog(request, position);
      return { bytes: winner ?? result!.bytes, isLocal };
    }
  }
}

export function aPayment(transactionId: string, overrides: Partial<BeginRequest> = {}): BeginRequest {
  const tenantId = overrides.tenantId ?? TENANT;
  const n = Number(/\d+/.exec(transactionId)?.[0] ?? 0);
  return aBeginRequest({
    transactionId,
    entityKeys: [`${tenantId}|card:${n % 7}`, `${tenantId}|ip:${n % 13}`, `${tenantId}|merchant:1`],
    record: aHistoryRecord({ mark: n % 256 }),
    ...overrides,
  });
}

function recordOf(
  id: ClaimId,
  value: Uint8Array,
): { topic: typeof TOPICS.decisions; key: string; value: Uint8Array } {
  return { topic: TOPICS.decisions, key: `${id.tenantId}|${id.transactionId}`, value };
}

function idOf({ tenantId, transactionId }: ClaimId): ClaimId {
  return { tenantId, transactionId };
}

/** Ids that were answered with more than one decision. */
export function idsWithTwoDecisions(payers: readonly Payer[]): string[] {
  const texts = new Map<string, Set<string>>();
  for (const { answers } of payers)
    for (const { transactionId, text } of answers)
      texts.set(transactionId, (texts.get(transactionId) ?? new Set()).add(text));
  return [...texts].filter(([, set]) => set.size > 1).map(([id]) => id);
}

/** Finishes every orphan, as the sweeper does. */
export async function sweep(store: StateStore, log: EventLog): Promise<number> {
  const orphans = await store.pending({ ageMs: -1e9, countMax: 10_000 });
  for (const orphan of orphans) {
    const request = aPayment(orphan.transactionId, { tenantId: orphan.tenantId });
    const logged = await store.find(orphan);
    const [result] = await store.commit([
      { ...idOf(orphan), bytes: logged ?? decisionBytes(orphan, 'swept') },
    ]);
    const { seq, epoch } = orphan;
    await log.append([{ ...recordOf(orphan, result!.bytes), seq, epoch, applied: packApplied(request) }]);
  }
  return orphans.length;
}
