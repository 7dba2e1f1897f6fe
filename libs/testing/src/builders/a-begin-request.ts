import {
  HISTORY_RECORD_BYTES,
  HISTORY_TIME_OFFSET,
  type AppendLabelRequest,
  type BeginRequest,
} from '@veto/domain';
import { DULL_NOW_MS } from './a-clock';
import { DULL_TENANT_ID } from './a-transaction';

/**
 * A history record whose bytes are easily told apart: its time, its seq left at zero, and `mark` everywhere else.
 * Only `@veto/features` gives those bytes a meaning; a store must not need one.
 */
export function aHistoryRecord(
  overrides: { readonly mark?: number; readonly timeMs?: number } = {},
): Uint8Array {
  const record = new Uint8Array(HISTORY_RECORD_BYTES).fill(overrides.mark ?? 1);
  record.fill(0, 4, 10);
  let rest = overrides.timeMs ?? DULL_NOW_MS;
  for (let i = 0; i < 6; i++) {
    record[HISTORY_TIME_OFFSET + i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return record;
}

export interface BeginRequestOverrides extends Partial<BeginRequest> {
  readonly timeMs?: number;
}

/** A claim of one card's payment, with a payload that says which. */
export function aBeginRequest(overrides: BeginRequestOverrides = {}): BeginRequest {
  const { timeMs, ...fields } = overrides;
  const tenantId = fields.tenantId ?? DULL_TENANT_ID;
  const transactionId = fields.transactionId ?? 'ord_1';
  const fingerprint = fields.fingerprint ?? `fingerprint of ${transactionId}`;
  const entityKeys = fields.entityKeys ?? [`${tenantId}|card:cfp_1`];
  const record = fields.record ?? aHistoryRecord(timeMs === undefined ? {} : { timeMs });
  const event: BegunEvent = {
    type: 'begun',
    tenantId,
    transactionId,
    fingerprint,
    entityKeys,
    record: hex(record),
  };
  return {
    tenantId,
    transactionId,
    fingerprint,
    entityKeys,
    record,
    payload: fields.payload ?? encode(event),
  };
}

/** A label on one card's payment. */
export function anAppendLabelRequest(overrides: Partial<AppendLabelRequest> = {}): AppendLabelRequest {
  const tenantId = overrides.tenantId ?? DULL_TENANT_ID;
  const labelKey = overrides.labelKey ?? 'ord_1|fraud|chargeback';
  const entityKeys = overrides.entityKeys ?? [`${tenantId}|card:cfp_1`];
  const record = overrides.record ?? aHistoryRecord({ mark: 2 });
  const event: LabelEvent = { type: 'label', tenantId, labelKey, entityKeys, record: hex(record) };
  return { tenantId, labelKey, entityKeys, record, payload: overrides.payload ?? encode(event) };
}

/** A decision's bytes, of which a store needs to know no more than whose they are. */
export function decisionBytes(
  id: { readonly tenantId?: string; readonly transactionId: string },
  word = 'approve',
): Uint8Array {
  const event: DecidedEvent = {
    type: 'decided',
    tenantId: id.tenantId ?? DULL_TENANT_ID,
    transactionId: id.transactionId,
    word,
  };
  return encode(event);
}

interface BegunEvent {
  readonly type: 'begun';
  readonly tenantId: string;
  readonly transactionId: string;
  readonly fingerprint: string;
  readonly entityKeys: readonly string[];
  readonly record: string;
}

interface LabelEvent {
  readonly type: 'label';
  readonly tenantId: string;
  readonly labelKey: string;
  readonly entityKeys: readonly string[];
  readonly record: string;
}

interface DecidedEvent {
  readonly type: 'decided';
  readonly tenantId: string;
  readonly transactionId: string;
  readonly word: string;
}

type DullEvent =
  | (Omit<BegunEvent, 'record'> & { readonly record: Uint8Array })
  | (Omit<LabelEvent, 'record'> & { readonly record: Uint8Array })
  | (Omit<DecidedEvent, 'word'> & { readonly bytes: Uint8Array });

/** What the payloads of these builders mean: the twin of the line's own reading of its log. Null for anything else. */
export function dullHistoryEventOf(record: { readonly value: Uint8Array }): DullEvent | null {
  const event = JSON.parse(Buffer.from(record.value).toString('utf8')) as
    BegunEvent | LabelEvent | DecidedEvent | { readonly type: 'other' };
  if (event.type === 'other') return null;
  if (event.type === 'decided') {
    return {
      type: 'decided',
      tenantId: event.tenantId,
      transactionId: event.transactionId,
      bytes: record.value,
    };
  }
  return { ...event, record: new Uint8Array(Buffer.from(event.record, 'hex')) };
}

function encode(event: BegunEvent | LabelEvent | DecidedEvent): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(event));
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
