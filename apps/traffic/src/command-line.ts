import { parseArgs } from 'node:util';
import type { SimulationOptions } from './simulate';

export const USAGE = `Usage:
  traffic generate --seed N --days D --out FILE.ndjson [--start ISO] [--rate-per-day R]
      Writes D simulated days in order of time, one JSON a line; FILE may be - for standard output.
      --start         first day, RFC 3339 (default 2026-01-01T00:00:00Z)
      --rate-per-day  payments a day on average (default 4000)
`;

export interface GenerateCommand {
  readonly name: 'generate';
  readonly options: SimulationOptions;
  readonly file: string;
}

export type Command = GenerateCommand | { readonly name: 'help' };

/** Thrown for a command line that says too little or too much; the message says what to change. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

interface Range {
  readonly flag: string;
  readonly min: number;
  readonly max: number;
  readonly isInteger?: boolean;
}

/** @throws UsageError naming the flag, its range and what was given */
export function numberOf(text: string | undefined, fallback: number | undefined, range: Range): number {
  if (text === undefined && fallback !== undefined) return fallback;
  const value = text === undefined || text.trim() === '' ? Number.NaN : Number(text);
  const fits =
    value >= range.min && value <= range.max && (range.isInteger !== true || Number.isInteger(value));
  if (fits) return value;
  const kind = range.isInteger === true ? 'an integer' : 'a number';
  throw new UsageError(
    `--${range.flag} takes ${kind} from ${range.min} to ${range.max}, not ${text === undefined ? 'nothing' : `"${text}"`}`,
  );
}

function instantOf(text: string | undefined, fallbackMs: number): number {
  if (text === undefined) return fallbackMs;
  const atMs = Date.parse(text);
  if (atMs >= 0 && atMs < Date.UTC(2190, 0, 1)) return atMs;
  throw new UsageError(`--start takes an RFC 3339 time such as 2026-01-01T00:00:00Z, not "${text}"`);
}

const SEED_RANGE = { flag: 'seed', min: 0, max: Number.MAX_SAFE_INTEGER, isInteger: true } as const;

function generateCommandOf(args: readonly string[]): GenerateCommand {
  const { values } = readFlags(args, ['seed', 'days', 'start', 'rate-per-day', 'out']);
  if (values['out'] === undefined)
    throw new UsageError('--out names the file to write, or - for standard output');
  return {
    name: 'generate',
    file: values['out'],
    options: {
      seed: numberOf(values['seed'], undefined, SEED_RANGE),
      dayCount: numberOf(values['days'], undefined, { flag: 'days', min: 1, max: 3_650, isInteger: true }),
      startMs: instantOf(values['start'], Date.UTC(2026, 0, 1)),
      paymentsPerDay: numberOf(values['rate-per-day'], 4_000, {
        flag: 'rate-per-day',
        min: 1,
        max: 2_000_000,
      }),
    },
  };
}

function readFlags(
  args: readonly string[],
  names: readonly string[],
): { readonly values: Readonly<Record<string, string | undefined>> } {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: Object.fromEntries(names.map((name) => [name, { type: 'string' as const }])),
    });
    return { values: values as Record<string, string | undefined> };
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/** @throws UsageError */
export function commandOf(args: readonly string[]): Command {
  const [name, ...rest] = args;
  if (name === undefined || name === 'help' || name === '--help' || rest.includes('--help'))
    return { name: 'help' };
  if (name === 'generate') return generateCommandOf(rest);
  throw new UsageError(`there is no command "${name}"`);
}
