import { z } from 'zod';

const port = z.coerce.number().int().min(0).max(65_535);
const file = z.string().min(1);

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
  VETO_LOG_LEVEL: {
    schema: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
    shape: 'debug | info | warn | error (default info)',
    about: 'what is written to stderr: lines for people in demo mode, JSON in production',
  },
} as const satisfies Record<string, Variable>;
