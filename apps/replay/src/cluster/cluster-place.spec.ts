import { clusterPlaceOf, requireBrokers, requireRedis } from './cluster-place';

const CLEAR = { ssl: null, sasl: null };

describe('where a cluster is', () => {
  it('is said by the flags, else by the environment', () => {
    const environment = {
      KAFKA_BROKERS: 'k1:9092,k2:9092',
      REDIS_URL: 'redis://r1',
      VETO_TOPIC_PREFIX: 'test.',
    };
    expect(clusterPlaceOf({}, environment)).toEqual({
      brokers: ['k1:9092', 'k2:9092'],
      ...CLEAR,
      redisUrls: ['redis://r1'],
      topicPrefix: 'test.',
    });
    expect(
      clusterPlaceOf(
        { brokers: ' k3:9092 , ', redis: 'redis://a,redis://b', 'topic-prefix': '' },
        environment,
      ),
    ).toEqual({
      brokers: ['k3:9092'],
      ...CLEAR,
      redisUrls: ['redis://a', 'redis://b'],
      topicPrefix: '',
    });
  });

  it('takes how it is let in from the environment, and names what is wrong without a secret', () => {
    const login = {
      KAFKA_SASL_MECHANISM: 'PLAIN',
      KAFKA_SASL_USERNAME: 'veto',
      KAFKA_SASL_PASSWORD: 'hunter2',
    };
    const environment = { KAFKA_BROKERS: 'k:9093', REDIS_URL: 'rediss://u:p@r', KAFKA_SSL: 'true', ...login };
    expect(clusterPlaceOf({}, environment)).toMatchObject({
      ssl: {},
      sasl: { mechanism: 'plain', username: 'veto', password: 'hunter2' },
      redisUrls: ['rediss://u:p@r'],
    });
    const wrong = { ...environment, KAFKA_SASL_USERNAME: '', REDIS_CA_FILE: '/no/file' };
    const read = (): unknown => clusterPlaceOf({}, wrong);
    expect(read).toThrow(/^KAFKA_SASL_USERNAME: .*\nREDIS_CA_FILE: .*$/);
    expect(read).not.toThrow(/hunter2/);
    expect(clusterPlaceOf({}, { KAFKA_SSL: 'nonsense' })).toMatchObject({ brokers: [], ssl: null });
  });

  it('is asked for by name when nobody said it', async () => {
    const nowhere = clusterPlaceOf({}, {});
    expect(() => requireBrokers(nowhere, 'topics')).toThrow('topics: name the brokers by --brokers');
    await expect(requireRedis(nowhere, 'rebuild')).rejects.toThrow(
      "rebuild: name each shard's Redis by --redis",
    );
  });
});
