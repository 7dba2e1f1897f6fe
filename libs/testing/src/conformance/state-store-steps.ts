import {
  HISTORY_RECORD_BYTES,
  readHistorySeq,
  type BeginResult,
  type ClaimId,
  type StateStore,
} from '@veto/domain';
import { aBeginRequest } from '../builders/a-begin-request';

export type Begun = Extract<BeginResult, { status: 'begun' }>;

export const TENANT = 'ten_test';
export const CARD = `${TENANT}|card:cfp_1`;
export const DEVICE = `${TENANT}|device:dfp_1`;

export function idOf(transactionId: string, tenantId = TENANT): ClaimId {
  return { tenantId, transactionId };
}

/** Begins one id that was never begun before. */
export async function beginNew(
  store: StateStore,
  overrides: Parameters<typeof aBeginRequest>[0],
): Promise<Begun> {
  const [result] = await store.begin([aBeginRequest(overrides)]);
  if (result?.status !== 'begun')
    throw new Error(`${String(overrides?.transactionId)} is ${String(result?.status)}, expected begun`);
  return result;
}

export async function beginAgain(
  store: StateStore,
  overrides: Parameters<typeof aBeginRequest>[0],
): Promise<BeginResult> {
  const [result] = await store.begin([aBeginRequest(overrides)]);
  if (result === undefined) throw new Error('begin of one request gave no result');
  return result;
}

export function seqsOf(history: Uint8Array | undefined): number[] {
  if (history === undefined) throw new Error('a history is missing');
  expect(history.length % HISTORY_RECORD_BYTES).toBe(0);
  const seqs: number[] = [];
  for (let at = 0; at < history.length; at += HISTORY_RECORD_BYTES) seqs.push(readHistorySeq(history, at));
  return seqs;
}

/** Sequence numbers that a new payment sees on one entity. */
export async function seenOn(store: StateStore, key: string, transactionId: string): Promise<number[]> {
  const { histories } = await beginNew(store, { transactionId, entityKeys: [key] });
  return seqsOf(histories[0]);
}

export function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

/** Without views and Buffers, of which equality would see the difference. */
export function plain(claim: object | undefined): unknown {
  return JSON.parse(
    JSON.stringify(claim, (_key, value: unknown) => (ArrayBuffer.isView(value) ? hexOf(value) : value)) ??
      'null',
  );
}

function hexOf(view: ArrayBufferView): string {
  return Buffer.from(view.buffer, view.byteOffset, view.byteLength).toString('hex');
}
