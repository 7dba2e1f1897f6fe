import { isBrokerAway } from './kafka-error';
import { kafkaFailure, refusalOf } from './kafka-refusal';

/** As kafkajs makes them: named, with what the broker or the socket said. */
function aFailure(message: string, fields: object): Error {
  return Object.assign(new Error(message), fields);
}

const WRONG = aFailure('SASL SCRAM SHA512 authentication failed: Authentication failed', {
  name: 'KafkaJSSASLAuthenticationError',
});
const BROKE = aFailure('SASL PLAIN authentication failed: Closed connection', {
  name: 'KafkaJSSASLAuthenticationError',
});

describe('a failure of Kafka', () => {
  it.each([
    [WRONG, 'Kafka refuses the login'],
    [
      aFailure('retried', { name: 'KafkaJSNumberOfRetriesExceeded', cause: WRONG }),
      'Kafka refuses the login',
    ],
    [aFailure('no', { type: 'GROUP_AUTHORIZATION_FAILED' }), 'GROUP_AUTHORIZATION_FAILED'],
    [aFailure('several', { errors: [aFailure('no', { type: 'CLUSTER_AUTHORIZATION_FAILED' })] }), 'CLUSTER_'],
    [
      aFailure('x', { code: 'SELF_SIGNED_CERT_IN_CHAIN', broker: 'k:9093' }),
      'of Kafka at k:9093 is not trusted',
    ],
    [aFailure('x', { code: 'ERR_TLS_CERT_ALTNAME_INVALID' }), 'is not trusted'],
    [aFailure('x', { code: 'ERR_SSL_WRONG_VERSION_NUMBER' }), 'does not speak TLS there'],
    [aFailure('tlsv13 alert certificate required', {}), 'KAFKA_SSL_CERT_FILE'],
  ])('is a refusal: %s', (error, words) => {
    expect(refusalOf(error)).toContain(words);
    expect(kafkaFailure(error, 'asked')).toMatchObject({ code: 'configuration_invalid', retryable: false });
  });

  it.each([
    BROKE,
    aFailure('Connection error: connect ECONNREFUSED', {
      name: 'KafkaJSConnectionError',
      code: 'ECONNREFUSED',
    }),
    'no error at all',
  ])('is none, and asking again may help: %s', (error) => {
    expect(refusalOf(error)).toBeNull();
    expect(kafkaFailure(error, 'asked')).toMatchObject({ code: 'log_unavailable', retryable: true });
  });

  it('in the middle of a login is a broker that went away, and a wrong password is not', () => {
    expect(isBrokerAway(aFailure('retried', { cause: BROKE }))).toBe(true);
    expect(isBrokerAway(WRONG)).toBe(false);
  });
});
