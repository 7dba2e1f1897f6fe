import {
  ENTITY_KINDS,
  HISTORY_RECORD_BYTES,
  HISTORY_TIME_OFFSET,
  invariant,
  readHistorySeq,
  type EntityKind,
  type Transaction,
} from '@veto/domain';
import { entityValueOf } from './entity-keys';
import { hash32 } from './hash32';
import { avsMismatchOf, cvvMismatchOf, isCardNotPresent, placeCountryOf } from './payment-facts';

/** First byte of every record. Another layout is another version; a reader refuses what it does not know. */
export const HISTORY_CODEC_VERSION = 1;

export const PAYMENT_KIND = 1;
export const LABEL_KIND = 2;

/** Where each field of a record begins, in bytes; all integers are little-endian. The README has the table. */
export const RECORD_OFFSETS = {
  version: 0,
  kind: 1,
  flags: 2,
  // 4 … 9: seq, written by the store.
  /** A payment's occurred-at, a label's reported-at. */
  time: HISTORY_TIME_OFFSET,
  occurredAt: 16,
  mcc: 22,
  amount: 24,
  country: 30,
  card: 32,
  customer: 36,
  device: 40,
  ip: 44,
  email: 48,
  merchant: 52,
  bin: 56,
  /** A label holds its transaction's hash where a payment holds its card's. */
  transaction: 32,
} as const;

/** Bits of `flags`. */
export const RECORD_FLAGS = {
  fraud: 1 << 0,
  cardNotPresent: 1 << 1,
  merchantInitiated: 1 << 2,
  cvvMismatch: 1 << 3,
  avsMismatch: 1 << 4,
  threeDsAuthenticated: 1 << 5,
  prepaid: 1 << 6,
} as const;

/** A payment as a history remembers it. */
export interface HistoryPayment {
  readonly kind: 'payment';
  readonly seq: number;
  readonly occurredAtMs: number;
  /** Cents of the base currency. */
  readonly amountBaseMinor: number;
  /** Where it happened, ISO 3166-1 alpha-2; null = unknown. */
  readonly country: string | null;
  /** Four digits; null = unknown. */
  readonly mcc: string | null;
  readonly isCardNotPresent: boolean;
  readonly isMerchantInitiated: boolean;
  readonly isCvvMismatch: boolean;
  readonly isAvsMismatch: boolean;
  readonly isThreeDsAuthenticated: boolean;
  readonly isPrepaid: boolean;
  /** `hash32` of each entity's value; 0 = absent. */
  readonly hashes: Readonly<Record<EntityKind, number>>;
}

/** What a payment turned out to be, as a history remembers it. */
export interface HistoryLabel {
  readonly kind: 'label';
  readonly seq: number;
  /** When the labelled payment was made. */
  readonly occurredAtMs: number;
  readonly reportedAtMs: number;
  readonly amountBaseMinor: number;
  readonly verdict: 'fraud' | 'legit';
  /** `hash32` of the transaction's id. */
  readonly transactionHash: number;
}

export type HistoryRecord = HistoryPayment | HistoryLabel;

/** What `encodeLabelRecord` needs of a label and its payment. */
export interface LabelFacts {
  readonly transactionId: string;
  readonly occurredAtMs: number;
  readonly amountBaseMinor: number;
  readonly reportedAtMs: number;
  readonly verdict: 'fraud' | 'legit';
}

const AT = RECORD_OFFSETS;

// Scratch: a record is made here and copied out, for a copy of so few bytes lies on the heap and costs a tenth of a
// buffer of its own.
const scratch = new Uint8Array(new ArrayBuffer(HISTORY_RECORD_BYTES));
const view = new DataView(scratch.buffer);

/** A payment's record, its seq still zero: the same bytes for the history of each of its entities. */
export function encodePaymentRecord(transaction: Transaction): Uint8Array {
  const { payload } = transaction;
  scratch.fill(0);
  view.setUint8(AT.version, HISTORY_CODEC_VERSION);
  view.setUint8(AT.kind, PAYMENT_KIND);
  view.setUint16(AT.flags, paymentFlagsOf(transaction), true);
  setUint48(view, AT.time, transaction.occurredAtMs);
  setUint48(view, AT.occurredAt, transaction.occurredAtMs);
  view.setUint16(
    AT.mcc,
    payload.transaction.mcc === undefined ? 0 : Number(payload.transaction.mcc) + 1,
    true,
  );
  setUint48(view, AT.amount, transaction.amountBaseMinor);
  view.setUint16(AT.country, countryCodeOf(placeCountryOf(payload)), true);
  for (const kind of ENTITY_KINDS) {
    const value = entityValueOf(payload, kind);
    if (value !== null) view.setUint32(AT[kind], hash32(value), true);
  }
  return scratch.slice();
}

/** A label's record, its seq still zero; it goes into the history of each entity of the labelled payment. */
export function encodeLabelRecord(label: LabelFacts): Uint8Array {
  scratch.fill(0);
  view.setUint8(AT.version, HISTORY_CODEC_VERSION);
  view.setUint8(AT.kind, LABEL_KIND);
  view.setUint16(AT.flags, label.verdict === 'fraud' ? RECORD_FLAGS.fraud : 0, true);
  setUint48(view, AT.time, label.reportedAtMs);
  setUint48(view, AT.occurredAt, label.occurredAtMs);
  setUint48(view, AT.amount, label.amountBaseMinor);
  view.setUint32(AT.transaction, hash32(label.transactionId), true);
  return scratch.slice();
}

/** Reads the record that starts at `offset`. For people and tests; features read the bytes directly. */
export function decodeRecord(bytes: Uint8Array, offset = 0): HistoryRecord {
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, HISTORY_RECORD_BYTES);
  assertCodecVersion(view.getUint8(AT.version));
  const kind = view.getUint8(AT.kind);
  const flags = view.getUint16(AT.flags, true);
  const common = {
    seq: readHistorySeq(bytes, offset),
    occurredAtMs: getUint48(view, AT.occurredAt),
    amountBaseMinor: getUint48(view, AT.amount),
  };
  if (kind === LABEL_KIND) {
    const verdict = (flags & RECORD_FLAGS.fraud) === 0 ? 'legit' : 'fraud';
    const transactionHash = view.getUint32(AT.transaction, true);
    return { kind: 'label', ...common, reportedAtMs: getUint48(view, AT.time), verdict, transactionHash };
  }
  invariant(kind === PAYMENT_KIND, `history record of kind ${kind} is neither payment nor label`);
  const mcc = view.getUint16(AT.mcc, true);
  return {
    kind: 'payment',
    ...common,
    country: countryOf(view.getUint16(AT.country, true)),
    mcc: mcc === 0 ? null : String(mcc - 1).padStart(4, '0'),
    isCardNotPresent: (flags & RECORD_FLAGS.cardNotPresent) !== 0,
    isMerchantInitiated: (flags & RECORD_FLAGS.merchantInitiated) !== 0,
    isCvvMismatch: (flags & RECORD_FLAGS.cvvMismatch) !== 0,
    isAvsMismatch: (flags & RECORD_FLAGS.avsMismatch) !== 0,
    isThreeDsAuthenticated: (flags & RECORD_FLAGS.threeDsAuthenticated) !== 0,
    isPrepaid: (flags & RECORD_FLAGS.prepaid) !== 0,
    hashes: {
      card: view.getUint32(AT.card, true),
      customer: view.getUint32(AT.customer, true),
      device: view.getUint32(AT.device, true),
      ip: view.getUint32(AT.ip, true),
      email: view.getUint32(AT.email, true),
      merchant: view.getUint32(AT.merchant, true),
      bin: view.getUint32(AT.bin, true),
    },
  };
}

/** @throws InvariantError when a record was written by another version of the codec */
export function assertCodecVersion(version: number): void {
  invariant(
    version === HISTORY_CODEC_VERSION,
    `history record of codec version ${version}: this program reads version ${HISTORY_CODEC_VERSION}; rebuild the histories from the log`,
  );
}

function paymentFlagsOf({ payload }: Transaction): number {
  let flags = 0;
  if (isCardNotPresent(payload)) flags |= RECORD_FLAGS.cardNotPresent;
  if (payload.transaction.initiator === 'merchant') flags |= RECORD_FLAGS.merchantInitiated;
  if (cvvMismatchOf(payload) === 1) flags |= RECORD_FLAGS.cvvMismatch;
  if (avsMismatchOf(payload) === 1) flags |= RECORD_FLAGS.avsMismatch;
  if (payload.three_ds?.trans_status === 'Y') flags |= RECORD_FLAGS.threeDsAuthenticated;
  if (payload.card?.funding === 'prepaid') flags |= RECORD_FLAGS.prepaid;
  return flags;
}

/** Two capital letters in 16 bits, five each; 0 = unknown. */
export function countryCodeOf(country: string | null): number {
  return country === null ? 0 : (country.charCodeAt(0) - 64) * 32 + (country.charCodeAt(1) - 64);
}

function countryOf(code: number): string | null {
  return code === 0 ? null : String.fromCharCode(64 + (code >> 5), 64 + (code & 31));
}

function setUint48(view: DataView, offset: number, value: number): void {
  view.setUint32(offset, value % 2 ** 32, true);
  view.setUint16(offset + 4, Math.floor(value / 2 ** 32), true);
}

function getUint48(view: DataView, offset: number): number {
  return view.getUint32(offset, true) + view.getUint16(offset + 4, true) * 2 ** 32;
}
