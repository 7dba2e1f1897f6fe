import { Presets, SingleBar } from 'cli-progress';

/** A progress bar by bytes read, with the rate in transactions a second and the time left. Silent when not on a terminal, but for its last line. */
export function startProgress(of: {
  readonly bytesTotal: number;
  readonly bytesRead: () => number;
  readonly transactionCount: () => number;
}): {
  stop(): void;
} {
  const startedAtMs = performance.now();
  const rate = (): number => Math.round((of.transactionCount() / (performance.now() - startedAtMs)) * 1_000);
  const bar = new SingleBar(
    {
      format: '{bar} {percentage} % · {transactions} transactions · {rate}/s · ETA {eta_formatted}',
      etaBuffer: 50,
      noTTYOutput: false,
    },
    Presets.shades_classic,
  );
  bar.start(of.bytesTotal, 0, { transactions: 0, rate: 0 });
  const update = (): void =>
    bar.update(Math.min(of.bytesRead(), of.bytesTotal), {
      transactions: of.transactionCount(),
      rate: rate(),
    });
  const timer = setInterval(update, 250);
  return {
    stop: () => {
      clearInterval(timer);
      update();
      bar.stop();
    },
  };
}
