/** What `{v<n>}open` says: `epoch|run|base`. */
export interface OpenedToken {
  readonly epoch: number;
  /** The server's run in which it was opened, or last found whole. */
  readonly runId: string;
  /** The last seq at that time. */
  readonly base: number;
}

export function epochToken({ epoch, runId, base }: OpenedToken): string {
  return `${epoch}|${runId}|${base}`;
}

export function parseEpochToken(token: string): OpenedToken {
  const [epoch = '', runId = '', base = ''] = token.split('|');
  return { epoch: Number(epoch), runId, base: Number(base) };
}
