import { createHash } from 'node:crypto';
import { HISTORY_RECORD_BYTES, invariant } from '@veto/domain';
import { CLAIM_HEAD_BYTES } from './redis-function';
import { viewOf } from './visible-history';

const PENDING = 0x50;
const DECIDED = 0x44;
const LABEL = 0x4c;

const FINGERPRINT_OFFSET = 1;
const FINGERPRINT_BYTES = 32;
const EPOCH_OFFSET = FINGERPRINT_OFFSET + FINGERPRINT_BYTES;
const TIME_OFFSET = EPOCH_OFFSET + 4;
const INSTANCE_OFFSET = TIME_OFFSET + 6;
const KEYS_LENGTH_BYTES = 2;

const SHA256_FINGERPRINT = /^sha256:[0-9a-f]{64}$/;

/** A claim as it lies in Redis. */
export interface StoredClaim {
  readonly isDecided: boolean;
  readonly fingerprint: Buffer;
  readonly epoch: number;
  readonly begunAtMs: number;
  readonly instance: number;
  /** Empty once it is decided. */
  readonly entityKeys: readonly string[];
  /** What was begun, or the winner's bytes. */
  readonly bytes: Uint8Array;
}

/** The 32 bytes of a `sha256:<hex>`; of any other text, its SHA-256. */
export function fingerprintBytes(fingerprint: string): Buffer {
  return SHA256_FINGERPRINT.test(fingerprint)
    ? Buffer.from(fingerprint.slice('sha256:'.length), 'hex')
    : createHash('sha256').update(fingerprint).digest();
}

export interface PendingClaimParts {
  readonly fingerprint: string;
  readonly epoch: number;
  readonly begunAtMs: number;
  readonly instance: number;
  readonly entityKeys: readonly string[];
  readonly payload: Uint8Array;
}

function writeHead(
  target: Buffer,
  tag: number,
  parts: Omit<PendingClaimParts, 'entityKeys' | 'payload'>,
): void {
  target[0] = tag;
  const { fingerprint } = parts;
  if (SHA256_FINGERPRINT.test(fingerprint))
    target.write(fingerprint.slice('sha256:'.length), FINGERPRINT_OFFSET, 'hex');
  else fingerprintBytes(fingerprint).copy(target, FINGERPRINT_OFFSET);
  target.writeUInt32LE(parts.epoch, EPOCH_OFFSET);
  target.writeUIntLE(parts.begunAtMs, TIME_OFFSET, 6);
  target.writeUInt32LE(parts.instance, INSTANCE_OFFSET);
}

/** Head, entity keys with their length before them, payload. */
export function encodePending(parts: PendingClaimParts): Buffer {
  const keys = parts.entityKeys.join('\n');
  const keysRoom = Buffer.byteLength(keys);
  const payloadAt = CLAIM_HEAD_BYTES + KEYS_LENGTH_BYTES + keysRoom;
  const claim = Buffer.allocUnsafe(payloadAt + parts.payload.length);
  writeHead(claim, PENDING, parts);
  claim.writeUInt16LE(keysRoom, CLAIM_HEAD_BYTES);
  claim.write(keys, CLAIM_HEAD_BYTES + KEYS_LENGTH_BYTES);
  claim.set(parts.payload, payloadAt);
  return claim;
}

/** A decision, with room before it for the head, which the function copies from the claim. */
export function encodeCommit(bytes: Uint8Array): Buffer {
  const claim = Buffer.allocUnsafe(CLAIM_HEAD_BYTES + bytes.length);
  claim.fill(0, 0, CLAIM_HEAD_BYTES);
  claim.set(bytes, CLAIM_HEAD_BYTES);
  return claim;
}

/** A decision with its whole claim. */
export function encodeDecided(
  parts: Omit<PendingClaimParts, 'entityKeys' | 'payload'>,
  bytes: Uint8Array,
): Buffer {
  const claim = encodeCommit(bytes);
  writeHead(claim, DECIDED, parts);
  return claim;
}

export function decodeClaim(claim: Buffer): StoredClaim {
  const tag = claim[0];
  invariant(tag === PENDING || tag === DECIDED, `a claim that starts with ${String(tag)}`);
  const head = {
    isDecided: tag === DECIDED,
    fingerprint: claim.subarray(FINGERPRINT_OFFSET, EPOCH_OFFSET),
    epoch: claim.readUInt32LE(EPOCH_OFFSET),
    begunAtMs: claim.readUIntLE(TIME_OFFSET, 6),
    instance: claim.readUInt32LE(INSTANCE_OFFSET),
  };
  if (tag === DECIDED) return { ...head, entityKeys: [], bytes: viewOf(claim, CLAIM_HEAD_BYTES) };
  const keysAt = CLAIM_HEAD_BYTES + KEYS_LENGTH_BYTES;
  const payloadAt = keysAt + claim.readUInt16LE(CLAIM_HEAD_BYTES);
  return { ...head, entityKeys: splitKeys(claim, keysAt, payloadAt), bytes: viewOf(claim, payloadAt) };
}

export function isSameFingerprint(claim: StoredClaim, fingerprint: string): boolean {
  return claim.fingerprint.equals(fingerprintBytes(fingerprint));
}

/** The epoch as it lies in a claim. */
export function epochBytes(epoch: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32LE(epoch);
  return bytes;
}

export interface StoredLabel {
  readonly seq: number;
  readonly epoch: number;
  readonly entityKeys: readonly string[];
  readonly record: Uint8Array;
  readonly payload: Uint8Array;
}

const LABEL_SEQ_OFFSET = 1;
const LABEL_EPOCH_OFFSET = LABEL_SEQ_OFFSET + 6;
const LABEL_KEYS_OFFSET = LABEL_EPOCH_OFFSET + 4;

/** A label with room for its seq, which the function writes. */
export function encodeLabel({ epoch, entityKeys, record, payload }: Omit<StoredLabel, 'seq'>): Buffer {
  const keys = Buffer.from(entityKeys.join('\n'));
  const head = Buffer.alloc(LABEL_KEYS_OFFSET + KEYS_LENGTH_BYTES);
  head[0] = LABEL;
  head.writeUInt32LE(epoch, LABEL_EPOCH_OFFSET);
  head.writeUInt16LE(keys.length, LABEL_KEYS_OFFSET);
  return Buffer.concat([head, keys, record, payload]);
}

export function decodeLabel(label: Buffer): StoredLabel {
  invariant(label[0] === LABEL, `a label that starts with ${String(label[0])}`);
  const keysAt = LABEL_KEYS_OFFSET + KEYS_LENGTH_BYTES;
  const recordAt = keysAt + label.readUInt16LE(LABEL_KEYS_OFFSET);
  return {
    seq: label.readUIntLE(LABEL_SEQ_OFFSET, 6),
    epoch: label.readUInt32LE(LABEL_EPOCH_OFFSET),
    entityKeys: splitKeys(label, keysAt, recordAt),
    record: viewOf(label, recordAt, recordAt + HISTORY_RECORD_BYTES),
    payload: viewOf(label, recordAt + HISTORY_RECORD_BYTES),
  };
}

function splitKeys(bytes: Buffer, from: number, to: number): string[] {
  return from === to ? [] : bytes.toString('utf8', from, to).split('\n');
}
