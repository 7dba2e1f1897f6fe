import { pino, type Logger } from 'pino';

/** Where lines go; the process's stderr, or a test's collector. */
export interface LineSink {
  write(text: string): void;
}

const LEVEL_NAMES: Readonly<Record<number, string>> = {
  20: 'debug',
  30: 'info ',
  40: 'WARN ',
  50: 'ERROR',
  60: 'FATAL',
};
const ALWAYS_THERE = new Set(['level', 'time', 'msg']);

/** JSON lines for machines in production; in a demo, short lines for the person who started it. */
export function createLogger(options: {
  readonly level: string;
  readonly forPeople: boolean;
  readonly sink: LineSink;
}): Logger {
  const base = { level: options.level, base: null };
  if (!options.forPeople) return pino({ ...base, timestamp: pino.stdTimeFunctions.isoTime }, options.sink);
  return pino(base, { write: (line: string) => options.sink.write(forPeople(line)) });
}

function forPeople(line: string): string {
  const fields = JSON.parse(line) as Readonly<Record<string, unknown>> & {
    readonly level: number;
    readonly time: number;
    readonly msg?: string;
  };
  const time = new Date(fields.time).toTimeString().slice(0, 8);
  const rest = Object.entries(fields)
    .filter(([name]) => !ALWAYS_THERE.has(name))
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  return `${[time, LEVEL_NAMES[fields.level] ?? String(fields.level), fields.msg ?? '', ...rest].join(' ')}\n`;
}
