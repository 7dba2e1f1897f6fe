import type { OpenedToken } from './epoch-token';
import type { Session } from './shard-calls';

/** What a look found. */
export interface Looked {
  readonly token: string;
  readonly seq: number;
  readonly runId: string;
}

/** What an instance knew before it looked. */
export interface Known {
  readonly session: Session | null;
  readonly seqSeen: number;
  readonly onLog: { readonly epoch: number; readonly seq: number };
  readonly epochOnLog: number;
}

/** Whether what Redis has of an epoch lacks something that was seen of it. */
export function lacks(
  opened: OpenedToken,
  token: string,
  seq: number,
  { session, seqSeen, onLog }: Known,
): boolean {
  if (onLog.epoch === opened.epoch && onLog.seq > seq) return true;
  if (session?.epoch !== opened.epoch) return false;
  // What went on after a restart began with `base`: whatever was seen above it before is lost, or was handed out twice.
  return seqSeen > (session.token === token ? seq : opened.base);
}
