/** How a broker knows who it speaks to, and we whether it is the broker. */
export interface KafkaTls {
  /** Certificates of whoever signs the brokers', PEM; those that Node trusts by itself when left out. */
  readonly ca?: string;
  /** Our own certificate and its key, PEM, where brokers ask for one. */
  readonly cert?: string;
  readonly key?: string;
}

/** Mechanisms by which a user logs in with a name and a password. */
export const KAFKA_LOGIN_MECHANISMS = ['plain', 'scram-sha-256', 'scram-sha-512'] as const;

export interface KafkaLogin {
  readonly mechanism: (typeof KAFKA_LOGIN_MECHANISMS)[number];
  readonly username: string;
  /** Never printed. */
  readonly password: string;
}

/** How Kafka is reached. Brokers alone are enough where nobody asks for more. */
export interface KafkaConnection {
  /** `host:port` of one broker or several. */
  readonly brokers: readonly string[];
  /** Null or left out = in the clear. A certificate that does not verify is never accepted. */
  readonly ssl?: KafkaTls | null;
  /** Null or left out = without a login. */
  readonly sasl?: KafkaLogin | null;
}
