import { isIP } from 'node:net';
import { parseArgs } from 'node:util';
import { VetoError } from '@veto/domain';
import { KAFKA_SECURITY_VARIABLES, readKafkaSecurity, type KafkaConnection } from '@veto/log';
import { completeRedisUrls, REDIS_SECURITY_VARIABLES } from '@veto/store';
import type { z } from 'zod';
import { ROLES, VARIABLES, type Compression, type Role } from './variables';

/** Variables of other programs of the house that may well be set in the same shell. */
const OF_OTHER_PROGRAMS = new Set(['VETO_API_KEY', 'VETO_URL']);
/** Names that mean nothing without a cluster; to ignore them would be to run something else than was asked for. */
const OF_CLUSTER = [
  ...KAFKA_SECURITY_VARIABLES,
  ...REDIS_SECURITY_VARIABLES,
  'ROLES',
  'VETO_INSTANCE',
  'VETO_STREAM_TENANT',
  'VETO_STATE_BUDGET_MS',
  'VETO_TOPIC_PREFIX',
  'VETO_KAFKA_COMPRESSION',
  'VETO_SPOOL_MB',
];

/** Kafka and Redis, shared with other instances. */
export interface ClusterConfiguration {
  /** Its brokers, and how they are spoken to; holds credentials: never printed. */
  readonly kafka: KafkaConnection;
  /** One per shard, with credentials: never printed. */
  readonly redisUrls: readonly string[];
  /** Null = made once and kept in the data directory. */
  readonly instance: string | null;
  readonly streamTenant: string | null;
  readonly stateBudgetMs: number;
  readonly topicPrefix: string;
  readonly compression: Compression;
  /** What the write-ahead file may take on the disk. */
  readonly spoolBytesMax: number;
}

export interface Configuration {
  readonly mode: 'demo' | 'production';
  readonly host: string;
  readonly port: number;
  readonly metricsPort: number;
  readonly dataDirectory: string;
  readonly deadlineMs: number;
  readonly modelDirectory: string | null;
  readonly apiKeysFile: string | null;
  readonly apiKeyPepper: string | null;
  readonly analystsFile: string | null;
  readonly publicUrl: string | null;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
  /** Null = embedded: log and state in the process. */
  readonly cluster: ClusterConfiguration | null;
  /** What this instance is there for; embedded, everything. */
  readonly roles: readonly Role[];
  /** Begin with empty data. Demo mode only. */
  readonly fresh: boolean;
  /** Payments a second of demo traffic; 0 = none. */
  readonly trafficRate: number;
  readonly trafficSeed: number;
}

export type Command =
  | { readonly kind: 'serve'; readonly configuration: Configuration }
  | { readonly kind: 'help' }
  | { readonly kind: 'new-key'; readonly tenant: string; readonly scopes: string }
  | { readonly kind: 'new-analyst'; readonly tenant: string; readonly name: string; readonly role: string };

const FLAGS = {
  help: { type: 'boolean' },
  fresh: { type: 'boolean' },
  rate: { type: 'string' },
  seed: { type: 'string' },
  port: { type: 'string' },
  'new-key': { type: 'string' },
  'new-analyst': { type: 'string' },
} as const;

/**
 * What the process was asked to do.
 * @throws VetoError configuration_invalid with every problem on a line of its own: the name, the value's shape, the fix
 */
export function readCommand(argv: readonly string[], environment: NodeJS.ProcessEnv): Command {
  const flags = readFlags(argv);
  if (flags.help === true) return { kind: 'help' };
  if (flags['new-key'] !== undefined) {
    const [tenant = '', scopes = 'decide,read,label'] = flags['new-key'].split(':');
    return { kind: 'new-key', tenant, scopes };
  }
  if (flags['new-analyst'] !== undefined) {
    const [tenant = '', name = '', role = 'analyst'] = flags['new-analyst'].split(':');
    return { kind: 'new-analyst', tenant, name, role };
  }
  const problems: string[] = [];
  const values = readVariables(
    flags.port === undefined ? environment : { ...environment, PORT: flags.port },
    problems,
  );
  const makesTraffic = values.cluster === null;
  const rate = readNumber(
    '--rate',
    flags.rate ?? (makesTraffic ? '20' : '0'),
    { min: 0, max: 2_000 },
    problems,
  );
  const seed = readNumber('--seed', flags.seed ?? '1', { min: 0, max: 4_294_967_295 }, problems);
  const configuration: Configuration = {
    ...values,
    fresh: flags.fresh === true,
    trafficRate: rate,
    trafficSeed: seed,
  };
  if (problems.length === 0) problems.push(...contradictions(configuration, flags.rate !== undefined));
  if (problems.length > 0) throw new VetoError('configuration_invalid', problems.join('\n'));
  return { kind: 'serve', configuration };
}

function readFlags(
  argv: readonly string[],
): ReturnType<typeof parseArgs<{ options: typeof FLAGS }>>['values'] {
  try {
    return parseArgs({ args: [...argv], options: FLAGS, strict: true }).values;
  } catch (cause) {
    const why = String((cause as { message?: unknown }).message).split('. ', 1)[0] ?? '';
    throw new VetoError('configuration_invalid', `${why}. --help lists the flags`, { cause });
  }
}

type Values = Omit<Configuration, 'fresh' | 'trafficRate' | 'trafficSeed'>;

function readVariables(environment: NodeJS.ProcessEnv, problems: string[]): Values {
  for (const name of Object.keys(environment)) {
    if (name.startsWith('VETO_') && !(name in VARIABLES) && !OF_OTHER_PROGRAMS.has(name)) {
      problems.push(`${name}: there is no such variable${nearestName(name)}; unset it, or see --help`);
    }
  }
  const read = <N extends keyof typeof VARIABLES>(name: N): z.output<(typeof VARIABLES)[N]['schema']> => {
    const { schema, shape } = VARIABLES[name];
    const raw = environment[name];
    const parsed = schema.safeParse(raw === '' ? undefined : raw);
    if (!parsed.success)
      problems.push(`${name}: expected ${shape}; ${parsed.error.issues[0]?.message ?? 'not valid'}`);
    return (parsed.success ? parsed.data : schema.safeParse(undefined).data) as z.output<
      (typeof VARIABLES)[N]['schema']
    >;
  };
  return {
    mode: read('VETO_MODE'),
    host: read('HOST'),
    port: read('PORT'),
    metricsPort: read('METRICS_PORT'),
    dataDirectory: read('VETO_DATA_DIR'),
    deadlineMs: read('VETO_DEADLINE_MS'),
    modelDirectory: read('VETO_MODEL_DIR') ?? null,
    apiKeysFile: read('VETO_API_KEYS_FILE') ?? null,
    apiKeyPepper: read('VETO_API_KEY_PEPPER') ?? null,
    analystsFile: read('VETO_ANALYSTS_FILE') ?? null,
    publicUrl: read('VETO_PUBLIC_URL') ?? null,
    logLevel: read('VETO_LOG_LEVEL'),
    roles: [...new Set(read('ROLES') ?? ROLES)],
    cluster: readCluster(environment, read, problems),
  };
}

/** Both of Kafka and Redis, or neither: half a cluster would keep half its promises. */
function readCluster(
  environment: NodeJS.ProcessEnv,
  read: <N extends keyof typeof VARIABLES>(name: N) => z.output<(typeof VARIABLES)[N]['schema']>,
  problems: string[],
): ClusterConfiguration | null {
  const isSet = (name: string): boolean => (environment[name] ?? '') !== '';
  const [hasKafka, hasRedis] = [isSet('KAFKA_BROKERS'), isSet('REDIS_URL')];
  if (hasKafka !== hasRedis) {
    const [missing, given] = hasKafka
      ? (['REDIS_URL', 'KAFKA_BROKERS'] as const)
      : (['KAFKA_BROKERS', 'REDIS_URL'] as const);
    problems.push(`${missing}: ${given} is set, so this needs ${VARIABLES[missing].shape.split(' (', 1)[0]}`);
  }
  if (!hasKafka && !hasRedis) {
    for (const name of OF_CLUSTER) {
      if (isSet(name))
        problems.push(`${name}: only a cluster reads it; set KAFKA_BROKERS and REDIS_URL, or unset it`);
    }
    return null;
  }
  const brokers = read('KAFKA_BROKERS') ?? [];
  const { security, problems: ofKafka } = readKafkaSecurity(environment);
  const { urls, problems: ofRedis } = completeRedisUrls(read('REDIS_URL') ?? [], environment);
  problems.push(...ofKafka, ...ofRedis);
  return {
    kafka: { brokers, ...security },
    redisUrls: urls,
    instance: read('VETO_INSTANCE') ?? null,
    streamTenant: read('VETO_STREAM_TENANT') ?? null,
    stateBudgetMs: read('VETO_STATE_BUDGET_MS'),
    topicPrefix: read('VETO_TOPIC_PREFIX') ?? '',
    compression: read('VETO_KAFKA_COMPRESSION'),
    spoolBytesMax: read('VETO_SPOOL_MB') * 1024 * 1024,
  };
}

function contradictions(configuration: Configuration, rateWasGiven: boolean): string[] {
  const problems: string[] = [];
  if (configuration.trafficRate > 0 && !configuration.roles.includes('score'))
    problems.push('--rate: traffic is sent to this instance, which does not score; add score to ROLES');
  if (configuration.fresh && configuration.cluster !== null)
    problems.push('--fresh: what is on Kafka is shared with other instances; delete its topics yourself');
  if (configuration.mode === 'demo') {
    if (!isLoopback(configuration.host)) {
      problems.push(
        `HOST: a demo listens on loopback only (127.0.0.1, ::1, localhost); set VETO_MODE=production to listen elsewhere`,
      );
    }
    for (const [name, value] of [
      ['VETO_API_KEYS_FILE', configuration.apiKeysFile],
      ['VETO_ANALYSTS_FILE', configuration.analystsFile],
    ] as const) {
      if (value !== null)
        problems.push(`${name}: only production mode reads it; set VETO_MODE=production, or unset it`);
    }
    return problems;
  }
  if (configuration.apiKeysFile === null)
    problems.push(`VETO_API_KEYS_FILE: production mode needs ${VARIABLES.VETO_API_KEYS_FILE.shape}`);
  if (configuration.analystsFile === null)
    problems.push(`VETO_ANALYSTS_FILE: production mode needs ${VARIABLES.VETO_ANALYSTS_FILE.shape}`);
  if (configuration.publicUrl === null)
    problems.push(`VETO_PUBLIC_URL: production mode needs ${VARIABLES.VETO_PUBLIC_URL.shape}`);
  else if (
    configuration.publicUrl.startsWith('http:') &&
    !isLoopback(new URL(configuration.publicUrl).hostname)
  ) {
    problems.push('VETO_PUBLIC_URL: sessions are kept in a Secure cookie; use https, or a loopback address');
  }
  if (configuration.fresh)
    problems.push('--fresh: production mode deletes no data; remove the folder yourself');
  if (rateWasGiven && configuration.trafficRate > 0)
    problems.push('--rate: production mode makes no traffic of its own; leave it out');
  return problems;
}

/** True for names and addresses that never leave this machine. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '').toLowerCase();
  if (bare === 'localhost' || bare === '::1' || bare === '::ffff:127.0.0.1') return true;
  return isIP(bare) === 4 && bare.startsWith('127.');
}

function readNumber(
  name: string,
  text: string,
  range: { readonly min: number; readonly max: number },
  problems: string[],
): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (value >= range.min && value <= range.max) return value;
  problems.push(`${name}: expected a number from ${range.min} to ${range.max}`);
  return range.min;
}

/** A likely typing mistake: the known name that shares the longest start. */
function nearestName(name: string): string {
  let best = '';
  let length = 'VETO_'.length;
  for (const known of Object.keys(VARIABLES)) {
    let shared = 0;
    while (shared < known.length && known[shared] === name[shared]) shared++;
    if (shared > length) [best, length] = [known, shared];
  }
  return best === '' ? '' : ` (did you mean ${best}?)`;
}

/** What `--help` prints. */
export function helpText(): string {
  const lines = Object.entries(VARIABLES).map(
    ([name, { shape, about }]) => `  ${name.padEnd(24)} ${shape}\n${' '.repeat(27)}${about}`,
  );
  return `Veto decides about payments. Without settings it starts as a demo at http://127.0.0.1:8080.

Flags
  --rate N             payments a second of demo traffic (default 20, on a cluster 0; 0 = none)
  --seed N             seed of the demo traffic (default 1)
  --port N             as PORT
  --fresh              demo: begin with empty data
  --new-key TENANT[:decide,read,label]     print a new API key and its entry for VETO_API_KEYS_FILE
  --new-analyst TENANT:NAME[:viewer|analyst|lead]  print a new sign-in token and its entry for VETO_ANALYSTS_FILE
  --help               this text

Environment
${lines.join('\n')}
`;
}
