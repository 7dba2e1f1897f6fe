import {
  HISTORY_RECORD_BYTES,
  invariant,
  packApplied,
  type DecisionRecord,
  type DecisionRevisionRecord,
  type TransactionPayload,
  type TransactionReceived,
} from '@veto/domain';

const decoder = new TextDecoder();

const POOL_BYTES = 64 * 1024;
/** UTF-8 takes at most three bytes for each unit of a JavaScript string. */
const UTF8_BYTES_MAX = 3;
let pool = Buffer.allocUnsafeSlow(POOL_BYTES);
let used = 0;

/** @param room bytes, half of a block at most */
function makeRoom(room: number): void {
  if (used + room <= POOL_BYTES) return;
  pool = Buffer.allocUnsafeSlow(POOL_BYTES);
  used = 0;
}

/**
 * Parts of a text, one after the other in UTF-8, cut from a large block: neither is the whole text made first, nor a
 * buffer of its own for each. What was cut is never cut again.
 */
function utf8Of(...parts: readonly string[]): Uint8Array {
  let room = 0;
  for (const part of parts) room += part.length * UTF8_BYTES_MAX;
  if (room > POOL_BYTES / 2) return Buffer.from(parts.join(''), 'utf8');
  makeRoom(room);
  const from = used;
  for (const part of parts) used += pool.write(part, used);
  return pool.subarray(from, used);
}

/** What a payment does to histories, as `packApplied` writes it, at a third of the time. */
export function encodeApplied(entities: readonly { readonly key: string }[], record: Uint8Array): Uint8Array {
  let keys = '';
  for (const { key } of entities) keys += `${key}\n`;
  const room = HISTORY_RECORD_BYTES + keys.length * UTF8_BYTES_MAX;
  if (room > POOL_BYTES / 2) return packApplied({ entityKeys: entities.map(({ key }) => key), record });
  makeRoom(room);
  const from = used;
  pool.set(record, from);
  used += HISTORY_RECORD_BYTES;
  used += pool.write(keys, used);
  return pool.subarray(from, used);
}

/** JSON in UTF-8: the form of every value on the log. */
export function encodeRecord(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value), 'utf8');
}

/**
 * The record's JSON out of the parts that exist as text already: the canonical payment, which was written for the
 * fingerprint, and the reply's body. The same text as `JSON.stringify(record)` but for the payment's order of keys.
 */
export function encodeDecisionRecord(
  record: DecisionRecord,
  text: { readonly transaction: string; readonly body: string },
): Uint8Array {
  const json = JSON.stringify;
  return utf8Of(
    `{"schema":"${record.schema}","tenant_id":${json(record.tenant_id)},"epoch":${record.epoch},"seq":${record.seq}` +
      `,"fingerprint":"${record.fingerprint}","received_at_ms":${record.received_at_ms},"decided_at_ms":${record.decided_at_ms},"transaction":`,
    text.transaction,
    `,"features":${json(record.features)},"truncated":${json(record.truncated)}` +
      `,"scored":${json(record.scored)},"rule_hits":${json(record.rule_hits)},"rules_evaluated":${record.rules_evaluated}` +
      `,"list_hits":${json(record.list_hits)},"open_reviews":${record.open_reviews},"silent":${json(record.silent)}` +
      (record.fail_open_spent === undefined ? '' : `,"fail_open_spent":${record.fail_open_spent}`) +
      ',"decision":',
    text.body,
    '}',
  );
}

/** The journal's record of a payment that was received, around its canonical text. */
export function encodeReceived(
  received: Omit<TransactionReceived, 'transaction'>,
  transaction: string,
): Uint8Array {
  const { schema, tenant_id, fingerprint, received_at_ms } = received;
  return utf8Of(
    `{"schema":"${schema}","tenant_id":${JSON.stringify(tenant_id)},"fingerprint":"${fingerprint}"` +
      `,"received_at_ms":${received_at_ms},"transaction":`,
    transaction,
    '}',
  );
}

/** A value of `veto.decisions.v1`. @throws InvariantError when it is none: the log holds only what Veto wrote. */
export function parseDecisionRecord(bytes: Uint8Array): DecisionRecord | DecisionRevisionRecord {
  const value = JSON.parse(decoder.decode(bytes)) as DecisionRecord | DecisionRevisionRecord;
  invariant(
    value.schema === 'decision.v1' || value.schema === 'decision-revision.v1',
    `a decision record has the unknown schema ${String((value as { schema: unknown }).schema)}`,
  );
  return value;
}

const AUTOMATIC = '{"schema":"decision.v1"';
const TRANSACTION_FROM = ',"transaction":';
const TRANSACTION_TO = ',"features":[';

/**
 * Only the payment of a recorded decision, which is all that a label needs: a tenth of the record's text.
 * The marks are this codec's own members in its own order; inside a JSON string their quotes would be escaped, and a
 * payment has no member `features`.
 * @throws InvariantError when the bytes are no automatic decision
 */
export function parseDecidedTransaction(
  bytes: Uint8Array,
): Pick<DecisionRecord, 'transaction' | 'received_at_ms'> {
  const text = decoder.decode(bytes);
  const from = text.indexOf(TRANSACTION_FROM);
  const to = text.indexOf(TRANSACTION_TO, from);
  invariant(
    text.startsWith(AUTOMATIC) && from > 0 && to > 0,
    `expected an automatic decision, got ${text.slice(0, 40)}`,
  );
  const head = JSON.parse(`${text.slice(0, from)}}`) as Pick<DecisionRecord, 'received_at_ms'>;
  const transaction = JSON.parse(text.slice(from + TRANSACTION_FROM.length, to)) as TransactionPayload;
  return { transaction, received_at_ms: head.received_at_ms };
}

/**
 * Only whose a recorded automatic decision is, and of which body, from the first few bytes; null for a revision.
 * @throws InvariantError when the bytes are no decision at all
 */
export function parseDecidedHead(
  bytes: Uint8Array,
): Pick<DecisionRecord, 'tenant_id' | 'fingerprint'> | null {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.toString('latin1', 0, AUTOMATIC.length) !== AUTOMATIC) {
    const { schema } = parseDecisionRecord(bytes);
    invariant(schema !== 'decision.v1', 'an automatic decision begins with its schema');
    return null;
  }
  const head = view.toString('utf8', 0, view.indexOf(TRANSACTION_FROM));
  return JSON.parse(`${head}}`) as Pick<DecisionRecord, 'tenant_id' | 'fingerprint'>;
}

/** The automatic decision that a store handed out. @throws InvariantError on a revision or anything else */
export function parseAutomaticDecision(bytes: Uint8Array): DecisionRecord {
  const record = parseDecisionRecord(bytes);
  invariant(record.schema === 'decision.v1', `expected an automatic decision, got ${record.schema}`);
  return record;
}

/** A value of `veto.transactions.v1`, whose payment was validated before it was written. */
export function parseReceived(
  bytes: Uint8Array,
): TransactionReceived & { readonly transaction: TransactionPayload } {
  const value = JSON.parse(decoder.decode(bytes)) as TransactionReceived & {
    readonly transaction: TransactionPayload;
  };
  invariant(
    value.schema === 'transaction-received.v1',
    `a received payment has the unknown schema ${String(value.schema)}`,
  );
  return value;
}
