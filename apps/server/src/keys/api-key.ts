import { randomInt } from 'node:crypto';
import { crc32 } from 'node:zlib';

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const SHAPE = /^veto_(live|test)_([0-9A-Za-z]{8})_([0-9A-Za-z]{43})([0-9A-Za-z]{6})$/;
const PUBLIC_ID_LENGTH = 8;
/** 43 characters of base 62 hold 256 bits. */
const SECRET_LENGTH = 43;
const CHECKSUM_LENGTH = 6;

export type KeyEnvironment = 'live' | 'test';

/**
 * `veto_<live|test>_<public id><…>`: a key whose checksum holds. Not yet known to be anybody's.
 * The checksum lets a scanner of leaked secrets tell a key from noise without asking us.
 */
export interface ApiKeyParts {
  readonly environment: KeyEnvironment;
  /** May be shown and logged; names the key. */
  readonly publicId: string;
}

/** @returns null when it is not of our shape or its checksum differs: no such key was ever issued. */
export function parseApiKey(key: string): ApiKeyParts | null {
  const match = SHAPE.exec(key);
  if (match === null) return null;
  const [, environment, publicId, secret, checksum] = match;
  if (checksumOf(`veto_${environment}_${publicId}_${secret}`) !== checksum) return null;
  return { environment: environment === 'live' ? 'live' : 'test', publicId: publicId ?? '' };
}

/** A new key with 256 bits of chance. It is shown once and kept nowhere. */
export function newApiKey(environment: KeyEnvironment): string {
  const body = `veto_${environment}_${randomBase62(PUBLIC_ID_LENGTH)}_${randomBase62(SECRET_LENGTH)}`;
  return body + checksumOf(body);
}

/** CRC-32 (ISO-HDLC) of everything before it, six characters of base 62, most significant first. */
export function checksumOf(body: string): string {
  let rest = crc32(body);
  let text = '';
  for (let i = 0; i < CHECKSUM_LENGTH; i++) {
    text = (BASE62[rest % 62] ?? '') + text;
    rest = Math.floor(rest / 62);
  }
  return text;
}

/** Unbiased characters from the operating system's source of chance. */
export function randomBase62(length: number): string {
  let text = '';
  for (let i = 0; i < length; i++) text += BASE62[randomInt(62)] ?? '';
  return text;
}
