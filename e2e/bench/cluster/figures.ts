/** One measured figure beside what was aimed at. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly goal: string;
  readonly met: boolean;
  readonly detail: string;
}

export function printFigure({ name, value, unit, goal, met, detail }: Figure): void {
  console.log(
    `${met ? '✓' : '✗'} ${name}: ${Number(value.toPrecision(3))} ${unit} (goal ${goal})\n    ${detail}`,
  );
}

/** @returns NaN of nothing */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  if (sorted.length % 2 === 1) return sorted[half]!;
  return ((sorted[half - 1] ?? Number.NaN) + (sorted[half] ?? Number.NaN)) / 2;
}
