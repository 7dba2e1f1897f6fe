import type { LogRecord } from '@veto/domain';
import { KEY_BYTES_MAX, RECORD_BYTES_MAX } from '../../segment/frame';

/** More than a frame adds to a record. */
const FRAME_BYTES_SPARE = 64;

/** What keeps a record out of a copy; null for every record of ours. */
export function flawOf(record: LogRecord): string | null {
  const keyBytes = Buffer.byteLength(record.key);
  if (keyBytes > KEY_BYTES_MAX) return `a key of ${keyBytes} bytes`;
  const bytes = keyBytes + record.value.length + (record.applied?.length ?? 0) + FRAME_BYTES_SPARE;
  return bytes > RECORD_BYTES_MAX ? `a record of ${bytes} bytes` : null;
}
