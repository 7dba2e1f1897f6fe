import { parseArgs } from 'node:util';
import type { LiveOptions } from './live/live';
import type { SimulationOptions } from './simulate';

export const USAGE = `Usage:
  traffic generate --seed N --days D --out FILE.ndjson [--start ISO] [--rate-per-day R]
      Writes D simulated days in order of time, one JSON a line; FILE may be - for standard output.
      --start         first day, RFC 3339 (default 2026-01-01T00:00:00Z)
      --rate-per-day  payments a day on average (default 4000)
  traffic live --url URL [--rate R] [--seed N] [--duration S] [--label-speedup X]
      Sends payments to a running Veto; the key is read from VETO_API_KEY. Ends with the process that started it.
      --rate           payments a second on average, 0.1 to 2000 (default 20)
      --seed           which world (default 1); a server that has not seen it gets its past first
      --duration       seconds, then it ends (default 0: until it is stopped)
      --label-speedup  how many times faster than life labels arrive (default 10080: 14 days are 2 minutes)
`;

export interface GenerateCommand {
  readonly name: 'generate';
  readonly options: SimulationOptions;
  readonly file: string;
}

export interface LiveCommand {
  readonly name: 'live';
  readonly options: LiveOptions;
}

export type Command = GenerateCommand | LiveCommand | { readonly name: 'help' };

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

function addressOf(text: string | undefined): string {
  if (text !== undefined && URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text;
  throw new UsageError(
    `--url takes the address of a running Veto, such as http://127.0.0.1:8080, not ${text === undefined ? 'nothing' : `"${text}"`}`,
  );
}

function liveCommandOf(args: readonly string[], environment: Environment): LiveCommand {
  const { values } = readFlags(args, ['url', 'rate', 'seed', 'duration', 'label-speedup']);
  const apiKey = environment['VETO_API_KEY'] ?? '';
  if (apiKey === '')
    throw new UsageError('VETO_API_KEY holds no key; it needs the scopes decide, read and label');
  return {
    name: 'live',
    options: {
      apiKey,
      url: addressOf(values['url']),
      ratePerSecond: numberOf(values['rate'], 20, { flag: 'rate', min: 0.1, max: 2_000 }),
      seed: numberOf(values['seed'], 1, SEED_RANGE),
      durationMs: numberOf(values['duration'], 0, { flag: 'duration', min: 0, max: 31 * 86_400 }) * 1_000,
      labelSpeedup: numberOf(values['label-speedup'], 10_080, {
        flag: 'label-speedup',
        min: 1,
        max: 10_000_000,
      }),
    },
  };
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** @throws UsageError */
export function commandOf(args: readonly string[], environment: Environment): Command {
  const [name, ...rest] = args;
  if (name === undefined || name === 'help' || name === '--help' || rest.includes('--help'))
    return { name: 'help' };
  if (name === 'generate') return generateCommandOf(rest);
  if (name === 'live') return liveCommandOf(rest, environment);
  throw new UsageError(`there is no command "${name}"`);
}
