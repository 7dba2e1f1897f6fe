import { readFileSync } from 'node:fs';
import {
  KAFKA_LOGIN_MECHANISMS,
  type KafkaConnection,
  type KafkaLogin,
  type KafkaTls,
} from './kafka-connection';

/** Variables that say how Kafka is reached, beside its brokers. */
export const KAFKA_SECURITY_VARIABLES = [
  'KAFKA_SSL',
  'KAFKA_SSL_CA_FILE',
  'KAFKA_SSL_CERT_FILE',
  'KAFKA_SSL_KEY_FILE',
  'KAFKA_SASL_MECHANISM',
  'KAFKA_SASL_USERNAME',
  'KAFKA_SASL_PASSWORD',
  'KAFKA_SASL_PASSWORD_FILE',
] as const;

type Name = (typeof KAFKA_SECURITY_VARIABLES)[number];

/**
 * Reads from the environment how Kafka is reached: over TLS, with a login. Files are read here, once.
 * @returns what was said, and every problem in a sentence that begins with the variable's name and repeats no secret
 */
export function readKafkaSecurity(environment: Readonly<Record<string, string | undefined>>): {
  readonly security: Pick<KafkaConnection, 'ssl' | 'sasl'>;
  readonly problems: readonly string[];
} {
  const problems: string[] = [];
  const said: Said = {
    value: (name) => environment[name] || undefined,
    refuse: (name, why) => void problems.push(`${name}: ${why}`),
  };
  return { security: { ssl: readTls(said), sasl: readLogin(said) }, problems };
}

interface Said {
  /** Undefined where it is not set, or empty. */
  value(name: Name): string | undefined;
  refuse(name: Name, why: string): void;
}

function readTls(said: Said): KafkaTls | null {
  const files = (['KAFKA_SSL_CA_FILE', 'KAFKA_SSL_CERT_FILE', 'KAFKA_SSL_KEY_FILE'] as const).filter(
    (name) => said.value(name) !== undefined,
  );
  const ssl = said.value('KAFKA_SSL') ?? 'false';
  if (ssl !== 'true' && ssl !== 'false') said.refuse('KAFKA_SSL', 'expected true | false');
  if (ssl !== 'true') {
    if (ssl === 'false')
      for (const name of files) said.refuse(name, 'only KAFKA_SSL=true reads it; set that, or unset this');
    return null;
  }
  const [cert, key] = [said.value('KAFKA_SSL_CERT_FILE'), said.value('KAFKA_SSL_KEY_FILE')];
  if (cert !== undefined && key === undefined)
    said.refuse('KAFKA_SSL_KEY_FILE', 'KAFKA_SSL_CERT_FILE is set, so this needs the file of its key');
  if (key !== undefined && cert === undefined)
    said.refuse(
      'KAFKA_SSL_CERT_FILE',
      'KAFKA_SSL_KEY_FILE is set, so this needs the file of its certificate',
    );
  const texts = files.map((name) => [PEM_OF[name], readPem(said, name)] as const);
  return Object.fromEntries(texts.filter(([, text]) => text !== null)) as KafkaTls;
}

const PEM_OF = { KAFKA_SSL_CA_FILE: 'ca', KAFKA_SSL_CERT_FILE: 'cert', KAFKA_SSL_KEY_FILE: 'key' } as const;

function readPem(said: Said, name: keyof typeof PEM_OF): string | null {
  const text = readText(said, name);
  if (text === null) return null;
  const kind = name === 'KAFKA_SSL_KEY_FILE' ? 'PRIVATE KEY' : 'CERTIFICATE';
  if (new RegExp(`^-----BEGIN [A-Z ]*${kind}-----$`, 'm').test(text)) return text;
  said.refuse(name, `${said.value(name)} holds no PEM text (-----BEGIN ${kind}-----)`);
  return null;
}

function readLogin(said: Said): KafkaLogin | null {
  const text = said.value('KAFKA_SASL_MECHANISM');
  const others = (['KAFKA_SASL_USERNAME', 'KAFKA_SASL_PASSWORD', 'KAFKA_SASL_PASSWORD_FILE'] as const).filter(
    (name) => said.value(name) !== undefined,
  );
  if (text === undefined) {
    for (const name of others)
      said.refuse(
        name,
        `nobody logs in without KAFKA_SASL_MECHANISM (${MECHANISMS}); set that, or unset this`,
      );
    return null;
  }
  const mechanism = KAFKA_LOGIN_MECHANISMS.find((known) => known === text.toLowerCase());
  if (mechanism === undefined) said.refuse('KAFKA_SASL_MECHANISM', `expected ${MECHANISMS}`);
  const username = said.value('KAFKA_SASL_USERNAME');
  if (username === undefined)
    said.refuse('KAFKA_SASL_USERNAME', 'KAFKA_SASL_MECHANISM is set, so this needs the name of a user');
  const password = readPassword(said);
  if (mechanism === undefined || username === undefined || password === null) return null;
  return { mechanism, username, password };
}

const MECHANISMS = KAFKA_LOGIN_MECHANISMS.map((name) => name.toUpperCase()).join(' | ');

function readPassword(said: Said): string | null {
  const [password, file] = [said.value('KAFKA_SASL_PASSWORD'), said.value('KAFKA_SASL_PASSWORD_FILE')];
  if (password !== undefined && file !== undefined)
    said.refuse('KAFKA_SASL_PASSWORD', 'KAFKA_SASL_PASSWORD_FILE is set too; say it once');
  if (password === undefined && file === undefined)
    said.refuse(
      'KAFKA_SASL_PASSWORD',
      'KAFKA_SASL_MECHANISM is set, so this needs the password, or KAFKA_SASL_PASSWORD_FILE a file that holds it',
    );
  if (file === undefined) return password ?? null;
  // Whoever writes a file by an editor ends its line.
  const text = readText(said, 'KAFKA_SASL_PASSWORD_FILE')?.replace(/\r?\n$/, '') ?? null;
  if (text !== '') return text;
  said.refuse('KAFKA_SASL_PASSWORD_FILE', `${file} is empty`);
  return null;
}

function readText(said: Said, name: Name): string | null {
  const path = said.value(name) ?? '';
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    said.refuse(name, `${path} cannot be read (${code})`);
    return null;
  }
}
