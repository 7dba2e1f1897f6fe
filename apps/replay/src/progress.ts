import { Presets, SingleBar } from 'cli-progress';

/** How far something has come. */
export interface ProgressOf {
  /** What there is to do, in whatever it is counted. */
  readonly total: number;
  /** How much of it is done. */
  readonly done: () => number;
  /** Things so far, of which a person wants to know the rate. */
  readonly count: () => number;
  /** What these are: `transactions`, `records`. */
  readonly what: string;
}

/** A progress bar with the rate a second and the time left. Silent when not on a terminal, but for its last line. */
export function startProgress(of: ProgressOf): { stop(): void } {
  const startedAtMs = performance.now();
  const rate = (): number => Math.round((of.count() / (performance.now() - startedAtMs)) * 1_000);
  const bar = new SingleBar(
    {
      format: `{bar} {percentage} % · {things} ${of.what} · {rate}/s · ETA {eta_formatted}`,
      etaBuffer: 50,
      noTTYOutput: false,
    },
    Presets.shades_classic,
  );
  bar.start(of.total, 0, { things: 0, rate: 0 });
  const update = (): void => bar.update(Math.min(of.done(), of.total), { things: of.count(), rate: rate() });
  const timer = setInterval(update, 250);
  return {
    stop: () => {
      clearInterval(timer);
      update();
      bar.stop();
    },
  };
}
