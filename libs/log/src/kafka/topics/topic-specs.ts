import { TOPICS } from '@veto/domain';

/** One topic, as it must be: what differs from this is an error and not a preference. */
export interface TopicSpec {
  readonly name: string;
  /** False for a topic whose order over all keys matters, or that is small: one partition. */
  readonly isPartitioned: boolean;
  /** Settings of the topic on the broker. */
  readonly config: Readonly<Record<string, string>>;
}

const DAY_MS = 24 * 60 * 60 * 1_000;
const FOREVER = '-1';
/** The largest batch that the log itself writes is 1 MiB; a single record may be larger. */
const MESSAGE_BYTES_MAX = 4 * 1024 * 1024;

const common = {
  'message.timestamp.type': 'CreateTime',
  'max.message.bytes': String(MESSAGE_BYTES_MAX),
  // What a producer compressed stays as it is: readers know every codec.
  'compression.type': 'producer',
} as const;

function kept(retentionMs: string): Record<string, string> {
  return { ...common, 'cleanup.policy': 'delete', 'retention.ms': retentionMs, 'retention.bytes': FOREVER };
}

const compacted: Readonly<Record<string, string>> = { ...common, 'cleanup.policy': 'compact' };

/**
 * Foreign programs write here, with whatever codec their library has. The broker writes gzip, which every client can
 * read, so that one producer's setting cannot stop somebody else's consumer.
 */
const foreign = { 'compression.type': 'gzip' } as const;

/** Every topic of Veto. */
export const TOPIC_SPECS: readonly TopicSpec[] = [
  { name: TOPICS.transactions, isPartitioned: true, config: { ...kept(String(30 * DAY_MS)), ...foreign } },
  { name: TOPICS.decisions, isPartitioned: true, config: kept(FOREVER) },
  { name: TOPICS.caseEvents, isPartitioned: true, config: kept(FOREVER) },
  { name: TOPICS.labels, isPartitioned: true, config: { ...kept(FOREVER), ...foreign } },
  { name: TOPICS.lists, isPartitioned: false, config: compacted },
  { name: TOPICS.epochs, isPartitioned: false, config: kept(FOREVER) },
  { name: 'veto.rules.v1', isPartitioned: false, config: compacted },
  { name: 'veto.policies.v1', isPartitioned: false, config: compacted },
  { name: 'veto.models.v1', isPartitioned: false, config: compacted },
  { name: 'veto.identities.v1', isPartitioned: false, config: compacted },
  { name: 'veto.audit.v1', isPartitioned: false, config: kept(FOREVER) },
  { name: 'veto.webhooks.v1', isPartitioned: true, config: kept(String(30 * DAY_MS)) },
  {
    name: 'veto.dead-letters.v1',
    isPartitioned: true,
    // The original bytes and the headers that say why: larger than what any other topic takes.
    config: { ...kept(String(90 * DAY_MS)), 'max.message.bytes': String(2 * MESSAGE_BYTES_MAX) },
  },
];
