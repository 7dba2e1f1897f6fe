import { Kafka, logLevel, type KafkaConfig } from 'kafkajs';
import { registerCodecs } from './codecs/register-codecs';
import type { KafkaConnection } from './kafka-connection';
import { quickenClient } from './wire/quicken-client';

export interface KafkaClientOptions extends KafkaConnection {
  /** Whose connections these are, as the broker's log shows it. */
  readonly clientId: string;
  /**
   * True: a topic ends, for who asks, behind the records of transactions that are still open, which nobody can read yet.
   * Otherwise it ends before them: whoever waits until everything is read does not wait for somebody's transaction.
   */
  readonly countsOpenTransactions?: boolean;
  /** What the library has to say; nothing is printed by itself. */
  readonly onLog?: (entry: KafkaLogEntry) => void;
}

export interface KafkaLogEntry {
  readonly level: 'error' | 'warn' | 'info';
  readonly namespace: string;
  readonly message: string;
  /** What the library adds: group, member, error text. No keys and no values of records. */
  readonly detail: Readonly<Record<string, unknown>>;
}

/** A request that a broker has not answered after this long counts as lost. */
const REQUEST_TIMEOUT_MS = 10_000;

/**
 * The one place where a client of the broker is made: every codec is known to it, and its retries are short, because
 * each caller has a deadline of its own and a retry without a count would be five of them over half a minute.
 */
export function kafkaClient(options: KafkaClientOptions): Kafka {
  registerCodecs();
  const { onLog } = options;
  const client = new Kafka({
    clientId: options.clientId,
    brokers: [...options.brokers],
    ...securityOf(options),
    connectionTimeout: 3_000,
    requestTimeout: REQUEST_TIMEOUT_MS,
    enforceRequestTimeout: true,
    retry: { initialRetryTime: 100, multiplier: 2, factor: 0.2, maxRetryTime: 1_000, retries: 5 },
    logLevel: onLog === undefined ? logLevel.NOTHING : logLevel.INFO,
    logCreator: () => (entry) => {
      if (onLog === undefined) return;
      const { message, timestamp: _timestamp, ...detail } = entry.log;
      onLog({ level: levelName(entry.level), namespace: entry.namespace, message, detail });
    },
  });
  return quickenClient(client, options);
}

function securityOf({ ssl, sasl }: KafkaConnection): Pick<KafkaConfig, 'ssl' | 'sasl'> {
  return {
    // Said for itself, so that no variable of Node's lets a certificate pass that does not verify.
    ...(ssl != null && { ssl: { ...ssl, rejectUnauthorized: true } }),
    // A copy, since the library keeps things in it.
    ...(sasl != null && { sasl: { ...sasl } as KafkaConfig['sasl'] & object }),
  };
}

function levelName(level: logLevel): KafkaLogEntry['level'] {
  if (level === logLevel.ERROR) return 'error';
  return level === logLevel.WARN ? 'warn' : 'info';
}
