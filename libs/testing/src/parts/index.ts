export {
  createCertificateAuthority,
  type CertificateAuthority,
  type IssuedCertificate,
} from './certificate-authority';
export { findParts, workspaceRoot, type FoundParts } from './find-parts';
export { freePort } from './free-port';
export { guardAgainstOwnDeath, GuardedProcess } from './guarded-process';
export { startConnect, type ConnectOptions, type ConnectPart } from './start-connect';
export { startKafka, type KafkaOptions, type KafkaPart } from './start-kafka';
export type { KafkaSecurity } from './kafka-properties';
export { startRedis, type RedisOptions, type RedisPart, type RedisRestart } from './start-redis';
export { type Toxic, type ToxicDirection } from './toxic';
export { startToxicProxy, type ToxicProxy } from './toxic-proxy';
