import { SEVERITY_FROM } from '@veto/domain';

/** What the views need to know of a plain approval, which is what nearly every decision is. */
export interface ApprovalGlance {
  readonly decisionId: string;
}

/** Inside a JSON text these bytes stand only where the member begins: within a string the quotes would be escaped. */
const MARK = Buffer.from('"decision":{"id":"');
const TEXT = String.raw`"((?:[^"\\]|\\.)*)"`;
const HEAD = new RegExp(
  `^"decision":\\{"id":"(\\w+)","object":"decision","version":1,"transaction_id":${TEXT},"created_at":"[^"]*","status":"\\w+","outcome":"approve","recommended_action":"\\w+","score":([\\d.e-]+),`,
);
/** Longer than the head of any decision: the longest transaction id has 128 characters, each escaped by one more. */
const HEAD_LENGTH_MAX = 640;

/**
 * Looks at the head of a decision record without parsing its kilobytes.
 * @returns null for anything but an approval with a score that opens no alert; it is then parsed as a whole
 */
export function glanceAtApproval(value: Uint8Array): ApprovalGlance | null {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  const start = bytes.lastIndexOf(MARK);
  if (start === -1) return null;
  const match = HEAD.exec(bytes.toString('latin1', start, start + HEAD_LENGTH_MAX));
  if (match === null || !(Number(match[3]) < SEVERITY_FROM.high)) return null;
  return { decisionId: match[1] ?? '' };
}
