export { openEmbeddedStore, type EmbeddedStoreOptions } from './embedded/embedded-state-store';
export type { Ignored } from './embedded/restore-state';
export { HistoryBook } from './embedded/history-book';
export {
  digestOf,
  EpochFold,
  FOLDED_TOPICS,
  type EpochFoldOptions,
  type OpenedEpoch,
} from './redis/fold-epoch';
export { openRedisStore, type RedisStore, type RedisStoreOptions } from './redis/redis-state-store';
export { LIBRARY, LIBRARY_CODE } from './redis/redis-function';
export { checkRedisAccess } from './redis/check-redis-access';
export { completeRedisUrls, REDIS_SECURITY_VARIABLES } from './redis/redis-address';
export { openRedisLink } from './redis/redis-link';
export type { OpenRedisLink, RedisArgument, RedisLink, Reply } from './redis/redis-link';
export type { ShardEvent, ShardStatus } from './redis/shard-status';
export { shardOf } from './redis/shard-keys';
export {
  rebuildShards,
  REBUILT_TOPICS,
  type Rebuilt,
  type RebuildOptions,
  type RebuiltLog,
} from './redis/rebuild-shards';
export { digestOfHistories } from './redis/digest-of-histories';
export { inspectRedis, readShardStates, type ShardState } from './redis/shard-access';
