import { bundledModelDirectory } from '@veto/model';
import { benchComputation, benchMemory, benchReplayRate, type Figure } from './bench-line';

/** Runs the in-process benches and prints a row each, then one JSON line. `scale` < 1 runs them tiny, so that they do not rot. */
export async function bench(scale: number): Promise<readonly Figure[]> {
  const modelDirectory = bundledModelDirectory();
  const count = (full: number): number => Math.max(512, Math.round(full * scale));
  // Memory first: what the others leave behind would be counted as its gain.
  const figures = [
    await benchMemory({ entityCount: count(1_000_000) }),
    await benchComputation({
      modelDirectory,
      warmCount: count(50_000),
      rounds: Math.max(3, Math.round(41 * scale)),
    }),
    await benchReplayRate({ modelDirectory, count: count(200_000) }),
  ];
  for (const { name, value, unit, goal, met, detail } of figures) {
    console.log(
      `${met ? '✓' : '✗'} ${name}: ${Number(value.toPrecision(4))} ${unit} (goal ${goal})\n    ${detail}`,
    );
  }
  console.log(JSON.stringify({ bench: 'line', figures }));
  return figures;
}
