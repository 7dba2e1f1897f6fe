import { clusterPlaceOf, requireBrokers, requireRedis } from './cluster-place';

describe('where a cluster is', () => {
  it('is said by the flags, else by the environment', () => {
    const environment = {
      KAFKA_BROKERS: 'k1:9092,k2:9092',
      REDIS_URL: 'redis://r1',
      VETO_TOPIC_PREFIX: 'test.',
    };
    expect(clusterPlaceOf({}, environment)).toEqual({
      brokers: ['k1:9092', 'k2:9092'],
      redisUrls: ['redis://r1'],
      topicPrefix: 'test.',
    });
    expect(clusterPlaceOf({ brokers: ' k3:9092 , ', redis: 'a,b', 'topic-prefix': '' }, environment)).toEqual(
      {
        brokers: ['k3:9092'],
        redisUrls: ['a', 'b'],
        topicPrefix: '',
      },
    );
  });

  it('is asked for by name when nobody said it', () => {
    const nowhere = clusterPlaceOf({}, {});
    expect(() => requireBrokers(nowhere, 'topics')).toThrow('topics: name the brokers by --brokers');
    expect(() => requireRedis(nowhere, 'rebuild')).toThrow("rebuild: name each shard's Redis by --redis");
  });
});
