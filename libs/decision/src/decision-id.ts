import { hash } from 'node:crypto';
import { invariant, type DecisionId } from '@veto/domain';

/** Crockford's base 32: no I, L, O, U. */
const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const TIME_CHAR_COUNT = 10;
const HASH_CHAR_COUNT = 16;

/**
 * The id of a payment's decision: `dec_`, ten characters of time, sixteen of the hash of tenant and transaction id.
 * It sorts by time, tells nothing, and is the same when an orphan is finished after a crash.
 * @param of.receivedAtMs when the request was first received
 */
export function decisionIdOf(of: {
  readonly tenantId: string;
  readonly transactionId: string;
  readonly receivedAtMs: number;
}): DecisionId {
  invariant(
    Number.isInteger(of.receivedAtMs) && of.receivedAtMs >= 0,
    `received at ${of.receivedAtMs} ms is no time`,
  );
  let time = '';
  for (let rest = of.receivedAtMs, i = 0; i < TIME_CHAR_COUNT; i++, rest = Math.floor(rest / 32))
    time = DIGITS[rest % 32]! + time;
  const digest = hash('sha256', `${of.tenantId}|${of.transactionId}`, 'binary');
  let text = '';
  // Five bits a character; 16 characters are the first 80 bits, ten whole bytes.
  for (let i = 0; i < HASH_CHAR_COUNT; i++) {
    const bit = i * 5;
    const pair = digest.charCodeAt(bit >> 3) * 256 + digest.charCodeAt((bit >> 3) + 1);
    text += DIGITS[(pair >> (11 - (bit & 7))) & 31]!;
  }
  return `dec_${time}${text}` as DecisionId;
}
