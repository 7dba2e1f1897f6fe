/** Which bytes it spoils: those of the client, those of the server, or both (unless said). */
export type ToxicDirection = 'upstream' | 'downstream';

/** One thing that is wrong with a network; the names are Toxiproxy's. */
export type Toxic = { readonly direction?: ToxicDirection } & (
  | { readonly type: 'latency'; readonly latencyMs: number; readonly jitterMs?: number }
  | { readonly type: 'bandwidth'; readonly bytesPerSecond: number }
  /** Bytes arrive in small pieces, a pause after each. */
  | { readonly type: 'slicer'; readonly sliceBytes: number; readonly pauseMs: number }
  /** Nothing passes; both ends are closed after so long, or never when it is 0: then all passes once it is taken away. */
  | { readonly type: 'timeout'; readonly afterMs: number }
  /** Both ends are reset after so long. */
  | { readonly type: 'reset_peer'; readonly afterMs: number }
  /** Both ends are closed after so many bytes of one direction. */
  | { readonly type: 'limit_data'; readonly byteCountMax: number }
  /** The server is gone and the client is never told: a connection of this time stays dead when it is taken away. */
  | { readonly type: 'half_open' }
);

type ToxicOf<Type extends Toxic['type']> = Extract<Toxic, { type: Type }>;

/** The toxics of one type that are at work in a direction. */
export function toxicsOf<Type extends Toxic['type']>(
  toxics: readonly Toxic[],
  type: Type,
  direction: ToxicDirection,
): ToxicOf<Type>[] {
  return toxics.filter(
    (toxic): toxic is ToxicOf<Type> =>
      toxic.type === type && (toxic.direction === undefined || toxic.direction === direction),
  );
}

/** How long a piece is on its way, in ms. */
export function delayMsOf(toxics: readonly Toxic[], direction: ToxicDirection): number {
  return toxicsOf(toxics, 'latency', direction).reduce(
    (sum, { latencyMs, jitterMs = 0 }) => sum + Math.max(0, latencyMs + (2 * Math.random() - 1) * jitterMs),
    0,
  );
}
