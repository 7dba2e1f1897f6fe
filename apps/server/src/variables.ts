import { z } from 'zod';

const port = z.coerce.number().int().min(0).max(65_535);
const file = z.string().min(1);

/** What one instance is there for. An instance without any of the others' work still folds the whole log. */
export const ROLES = ['score', 'stream', 'desk'] as const;
export type Role = (typeof ROLES)[number];

/** What goes over the wire to Kafka. */
export const COMPRESSIONS = ['none', 'gzip', 'lz4'] as const;
export type Compression = (typeof COMPRESSIONS)[number];

const list = (text: string): string[] => text.split(',').map((part) => part.trim());
const broker = z.string().regex(/^(\[[0-9a-f:]+\]|[^\s:,/@]+):\d{1,5}$/i, 'not host:port');
/** A problem with an address must not repeat it: it holds the password. */
const redisUrl = z.url({ protocol: /^rediss?$/, error: 'not redis:// or rediss://' });

/** What is checked where it is read, together with the others of its kind: by the lib that connects. */
const checkedTogether = z.string().optional();

/** One variable of the environment: how it is read, and what `--help` says about it. */
interface Variable {
  readonly schema: z.ZodType;
  /** The shape of a value, in words. */
  readonly shape: string;
  readonly about: string;
}

/** Every variable that the server knows. Anything else that starts with `VETO_` stops the start. */
export const VARIABLES = {
  VETO_MODE: {
    schema: z.enum(['demo', 'production']).default('demo'),
    shape: 'demo | production (default demo)',
    about:
      'demo: loopback only, one published key, traffic of its own. production: keys and analysts from files',
  },
  HOST: {
    schema: z.string().min(1).default('127.0.0.1'),
    shape: 'an address or name to listen on (default 127.0.0.1)',
    about: 'demo mode takes loopback addresses only',
  },
  PORT: {
    schema: port.default(8080),
    shape: '0 … 65535 (default 8080; 0 picks one)',
    about: 'console, API and reference',
  },
  METRICS_PORT: {
    schema: port.default(9464),
    shape: '0 … 65535 (default 9464; 0 picks one)',
    about: 'Prometheus metrics at /metrics, on the same HOST',
  },
  VETO_DATA_DIR: {
    schema: z.string().min(1).default('tmp/veto'),
    shape: 'a folder (default tmp/veto)',
    about: 'the log, the state and the views; kept between starts',
  },
  VETO_DEADLINE_MS: {
    schema: z.coerce.number().int().min(50).max(2_000).default(100),
    shape: '50 … 2000 (default 100)',
    about: 'how long a decision may take when the caller does not say',
  },
  VETO_MODEL_DIR: {
    schema: file.optional(),
    shape: 'a folder with manifest.json (default: the model that is shipped)',
    about: 'the model artifact',
  },
  VETO_API_KEYS_FILE: {
    schema: file.optional(),
    shape: 'a JSON file: [{"id","tenant","scopes","sha256"}]',
    about:
      'production: the keys that are accepted, as hashes; read again when it changes. Make one with --new-key',
  },
  VETO_API_KEY_PEPPER: {
    schema: z.string().min(32, 'at least 32 characters').optional(),
    shape: 'at least 32 characters',
    about: 'production: the secret under which keys with hmac_sha256 are hashed',
  },
  VETO_ANALYSTS_FILE: {
    schema: file.optional(),
    shape: 'a JSON file: [{"id","name","role","tenant","sha256"}]',
    about:
      'production: who may sign in to the desk, with hashes of their tokens. Make one with --new-analyst',
  },
  VETO_PUBLIC_URL: {
    schema: z.url({ protocol: /^https?$/ }).optional(),
    shape: 'https://veto.example.com',
    about: "production: the console's address as browsers see it; sockets from another origin are refused",
  },
  KAFKA_BROKERS: {
    schema: z.string().transform(list).pipe(z.array(broker).min(1)).optional(),
    shape: 'host:port,host:port … (default: embedded)',
    about: 'the log is on Apache Kafka; needs REDIS_URL too, and topics made by `replay topics`',
  },
  REDIS_URL: {
    schema: z.string().transform(list).pipe(z.array(redisUrl).min(1)).optional(),
    shape: 'redis://[user:password@]host:port/db, … or rediss://… for TLS (default: embedded)',
    about:
      'shared state, one address per shard; every instance must be given the same ones in the same order',
  },
  KAFKA_SSL: {
    schema: checkedTogether,
    shape: 'true | false (default false)',
    about: 'cluster: Kafka is spoken to over TLS, and its certificate must verify',
  },
  KAFKA_SSL_CA_FILE: {
    schema: checkedTogether,
    shape: 'a PEM file (default: the authorities that Node trusts)',
    about: "cluster: who signs the brokers' certificates",
  },
  KAFKA_SSL_CERT_FILE: {
    schema: checkedTogether,
    shape: 'a PEM file (default: none)',
    about: 'cluster: the certificate of this instance, where brokers ask for one; with KAFKA_SSL_KEY_FILE',
  },
  KAFKA_SSL_KEY_FILE: {
    schema: checkedTogether,
    shape: 'a PEM file (default: none)',
    about: 'cluster: the key of that certificate, without a passphrase',
  },
  KAFKA_SASL_MECHANISM: {
    schema: checkedTogether,
    shape: 'PLAIN | SCRAM-SHA-256 | SCRAM-SHA-512 (default: no login)',
    about: 'cluster: how this instance logs in to Kafka',
  },
  KAFKA_SASL_USERNAME: {
    schema: checkedTogether,
    shape: 'a name',
    about: 'cluster: the user at Kafka',
  },
  KAFKA_SASL_PASSWORD: {
    schema: checkedTogether,
    shape: 'its password, or KAFKA_SASL_PASSWORD_FILE',
    about: 'cluster: never printed',
  },
  KAFKA_SASL_PASSWORD_FILE: {
    schema: checkedTogether,
    shape: 'a file with the password on its only line',
    about: 'cluster: where secrets are mounted as files',
  },
  REDIS_PASSWORD_FILE: {
    schema: checkedTogether,
    shape: 'a file with the password on its only line',
    about: 'cluster: the password of every address in REDIS_URL that has none',
  },
  REDIS_CA_FILE: {
    schema: checkedTogether,
    shape: 'a PEM file (default: the authorities that Node trusts)',
    about: 'cluster: who signs the certificates of rediss://… in REDIS_URL',
  },
  REDIS_CERT_FILE: {
    schema: checkedTogether,
    shape: 'a PEM file (default: none)',
    about: 'cluster: the certificate of this instance, where Redis asks for one; with REDIS_KEY_FILE',
  },
  REDIS_KEY_FILE: {
    schema: checkedTogether,
    shape: 'a PEM file (default: none)',
    about: 'cluster: the key of that certificate, without a passphrase',
  },
  ROLES: {
    schema: z
      .string()
      .transform(list)
      .pipe(z.array(z.enum(ROLES, { error: `not one of ${ROLES.join(', ')}` })).min(1))
      .optional(),
    shape: 'score,stream,desk (default all three)',
    about:
      'cluster: score answers HTTP, stream consumes transactions and labels from Kafka, desk serves analysts',
  },
  VETO_INSTANCE: {
    schema: z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]{0,40}$/, 'lower-case letters, digits and hyphens, 41 at most')
      .optional(),
    shape: 'a name of its own for each instance (default: made once, kept in VETO_DATA_DIR)',
    about: 'cluster: the client id at Kafka, and what logs and metrics of this instance go by',
  },
  VETO_STREAM_TENANT: {
    schema: z
      .string()
      .regex(/^[a-z0-9][a-z0-9_-]{0,63}$/i, 'letters, digits, _ and -, 64 at most')
      .optional(),
    shape: 'a tenant (default: none)',
    about: 'cluster: whose a record of Kafka is that names no tenant, by header or by key',
  },
  VETO_STATE_BUDGET_MS: {
    schema: z.coerce.number().int().min(5).max(1_000).default(40),
    shape: '5 … 1000 (default 40)',
    about: 'cluster: how long Redis may take; then a decision is made on what this instance saw itself',
  },
  VETO_TOPIC_PREFIX: {
    schema: z
      .string()
      .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/i, 'letters, digits, . _ and -, 64 at most')
      .optional(),
    shape: 'a text that every topic begins with (default: none)',
    about: 'cluster: several installations on one Kafka',
  },
  VETO_KAFKA_COMPRESSION: {
    schema: z.enum(COMPRESSIONS).default('none'),
    shape: 'none | gzip | lz4 (default none)',
    about: 'cluster: how what is sent to Kafka is packed',
  },
  VETO_SPOOL_MB: {
    schema: z.coerce.number().int().min(1).max(1_000_000).default(8_192),
    shape: '1 … 1000000 (default 8192)',
    about: 'cluster: what the write-ahead file may take on the disk while Kafka is away; then 503',
  },
  VETO_LOG_LEVEL: {
    schema: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
    shape: 'debug | info | warn | error (default info)',
    about: 'what is written to stderr: lines for people in demo mode, JSON in production',
  },
} as const satisfies Record<string, Variable>;
