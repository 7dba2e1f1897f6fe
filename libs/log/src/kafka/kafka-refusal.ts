import { VetoError } from '@veto/domain';

/** What Node and OpenSSL call a certificate that does not verify: https://nodejs.org/api/tls.html#x509-certificate-error-codes */
const UNTRUSTED = new Set([
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'CERT_SIGNATURE_FAILURE',
  'CERT_NOT_YET_VALID',
  'CERT_HAS_EXPIRED',
  'CERT_REVOKED',
  'CERT_UNTRUSTED',
  'CERT_REJECTED',
  'CERT_CHAIN_TOO_LONG',
  'INVALID_CA',
  'INVALID_PURPOSE',
  'HOSTNAME_MISMATCH',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);
const NO_TLS_THERE = new Set(['ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_PACKET_LENGTH_TOO_LONG']);
/** An alert of the server: it wants a certificate of ours, or another. */
const WANTS_CERTIFICATE =
  /alert.*(certificate (required|unknown)|bad certificate|unknown ca|handshake failure)/i;
/** How it ends for who speaks in the clear where TLS is asked for, the other way round, or without a login: as an outage does. */
const HUNG_UP = /Closed connection|before secure TLS connection was established/;
/** kafkajs calls it a failed login, too, when the connection broke in the middle of one. */
const CUT_OFF = /closed|timed out|timeout|Connection error|Not connected/i;
const DEPTH_MAX = 8;

/**
 * Why brokers will not have us, nor we them, however often we ask: a login that is refused, a certificate that does not
 * verify, an action that the user may not do. Null when the error is of another kind.
 */
export function refusalOf(error: unknown): string | null {
  for (const cause of causesOf(error)) {
    const sentence = sentenceOf(cause);
    if (sentence !== null) return sentence;
  }
  return null;
}

/** An error and what caused it, outermost first. */
function causesOf(error: unknown): readonly Error[] {
  const causes: Error[] = [];
  for (let current = error; current instanceof Error && causes.length < DEPTH_MAX;) {
    causes.push(current);
    current = current.cause ?? firstOf(current);
  }
  return causes;
}

/** An action on several topics fails with an error for each. */
function firstOf(error: Error): unknown {
  return 'errors' in error && Array.isArray(error.errors) ? error.errors[0] : undefined;
}

/** Whether a connection broke while it logged in, which says nothing of the login. */
export function isLoginCutOff(error: Error): boolean {
  return error.name === 'KafkaJSSASLAuthenticationError' && CUT_OFF.test(error.message);
}

function sentenceOf(error: Error): string | null {
  const { name, message } = error;
  const { code, type, broker } = error as { code?: unknown; type?: unknown; broker?: unknown };
  const at = typeof broker === 'string' ? ` at ${broker}` : '';
  if (isLoginCutOff(error)) return null;
  if (name === 'KafkaJSSASLAuthenticationError')
    return `Kafka refuses the login: ${message}; see KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME and the password`;
  if (type === 'ILLEGAL_SASL_STATE') return `Kafka wants a login: set KAFKA_SASL_MECHANISM (${message})`;
  if (typeof type === 'string' && type.endsWith('_AUTHORIZATION_FAILED'))
    return `Kafka does not allow it (${type}): ${message}; see the list of what each role needs`;
  if (typeof code === 'string' && UNTRUSTED.has(code))
    return `the certificate of Kafka${at} is not trusted (${code}); see KAFKA_SSL_CA_FILE, and the names in the certificate`;
  if (typeof code === 'string' && NO_TLS_THERE.has(code))
    return `Kafka${at} does not speak TLS there (${code}); see KAFKA_SSL and the port`;
  if (WANTS_CERTIFICATE.test(message))
    return `Kafka${at} refuses our certificate (${message}); see KAFKA_SSL_CERT_FILE and KAFKA_SSL_KEY_FILE`;
  return null;
}

/**
 * What a failed call to Kafka comes to for whoever called.
 * @returns VetoError configuration_invalid when asking again is in vain, else log_unavailable (retryable), or what it was
 */
export function kafkaFailure(error: unknown, what: string): VetoError {
  const refusal = refusalOf(error);
  if (refusal !== null) return new VetoError('configuration_invalid', refusal, { cause: error });
  const isHungUp = causesOf(error).some(({ message }) => HUNG_UP.test(message));
  const hint = isHungUp ? '; if it hangs up on everybody, see KAFKA_SSL and KAFKA_SASL_MECHANISM' : '';
  if (!(error instanceof VetoError)) {
    const message = `${what}: ${String(error)}${hint}`;
    return new VetoError('log_unavailable', message, { retryable: true, cause: error });
  }
  const { code, message, retryable } = error;
  return isHungUp ? new VetoError(code, message + hint, { retryable, cause: error }) : error;
}
