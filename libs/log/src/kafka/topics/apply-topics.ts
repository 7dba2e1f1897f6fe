import { setTimeout as pause } from 'node:timers/promises';
import type { Admin } from 'kafkajs';
import { VetoError } from '@veto/domain';
import { kafkaClient, type KafkaClientOptions } from '../kafka-client';
import { kafkaFailure } from '../kafka-refusal';
import { ConfigResourceTypes, ConfigSource } from '../kafkajs-names';
import { TOPIC_SPECS, type TopicSpec } from './topic-specs';

export interface ApplyTopicsOptions extends KafkaClientOptions {
  /** Partitions of the topics that have more than one; 12. */
  readonly partitions?: number;
  /** Copies of each partition; 3. From 3 on, two of them must have a record before it counts. */
  readonly replicationFactor?: number;
  /** True: settings that differ are made right and missing partitions added. Otherwise they are an error. */
  readonly alter?: boolean;
  /** Before every topic's name, for tests. */
  readonly topicPrefix?: string;
  /** Which topics; all of `TOPIC_SPECS`. */
  readonly specs?: readonly TopicSpec[];
}

export interface AppliedTopics {
  readonly created: readonly string[];
  readonly altered: readonly string[];
  readonly unchanged: readonly string[];
}

/**
 * Makes the topics what they must be; run twice, it does nothing the second time. More partitions than asked for are
 * left alone, for there is no way back.
 * @throws VetoError configuration_invalid listing every difference, unless `alter`; log_unavailable (retryable) when
 *   Kafka does not answer
 */
export async function applyTopics(options: ApplyTopicsOptions): Promise<AppliedTopics> {
  const admin = kafkaClient(options).admin();
  try {
    await admin.connect();
    return await applyWith(admin, options);
  } catch (error) {
    if (error instanceof VetoError) throw error;
    throw kafkaFailure(error, 'topics could not be applied');
  } finally {
    await admin.disconnect();
  }
}

interface WantedTopic {
  readonly name: string;
  readonly partitions: number;
  readonly config: Readonly<Record<string, string>>;
}

async function applyWith(admin: Admin, options: ApplyTopicsOptions): Promise<AppliedTopics> {
  const { partitions = 12, replicationFactor = 3, topicPrefix = '', specs = TOPIC_SPECS } = options;
  const minInsync = { 'min.insync.replicas': replicationFactor >= 3 ? '2' : '1' };
  const wanted = specs.map((spec): WantedTopic => ({
    name: topicPrefix + spec.name,
    partitions: spec.isPartitioned ? partitions : 1,
    config: { ...spec.config, ...minInsync },
  }));
  const existing = new Set(await admin.listTopics());
  const missing = wanted.filter(({ name }) => !existing.has(name));
  if (missing.length > 0) await create(admin, missing, replicationFactor);
  const present = wanted.filter(({ name }) => existing.has(name));
  const different = present.length === 0 ? [] : await differencesOf(admin, present, replicationFactor);
  if (different.length > 0) await alterAll(admin, different, options.alter ?? false);
  const altered = different.map(({ topic }) => topic.name);
  return {
    created: missing.map(({ name }) => name),
    altered,
    unchanged: present.map(({ name }) => name).filter((name) => !altered.includes(name)),
  };
}

async function create(
  admin: Admin,
  topics: readonly WantedTopic[],
  replicationFactor: number,
): Promise<void> {
  await admin.createTopics({
    // The library's own waiting gives up where the broker does not know the topic yet; ours is below.
    waitForLeaders: false,
    topics: topics.map(({ name, partitions, config }) => ({
      topic: name,
      numPartitions: partitions,
      replicationFactor,
      configEntries: entriesOf(config),
    })),
  });
  for (const { name } of topics) await untilLed(admin, name);
}

const LED_WITHIN_MS = 15_000;
const LOOK_EVERY_MS = 50;

/** A broker lists a topic somewhat before it takes records for it: whoever started at once would find the door shut. */
async function untilLed(admin: Admin, topic: string): Promise<void> {
  for (const late = performance.now() + LED_WITHIN_MS; ;) {
    try {
      await admin.fetchTopicOffsets(topic);
      return;
    } catch (error) {
      if (performance.now() > late) throw error;
    }
    await pause(LOOK_EVERY_MS);
  }
}

function entriesOf(config: Readonly<Record<string, string>>): { name: string; value: string }[] {
  return Object.entries(config).map(([name, value]) => ({ name, value }));
}

interface TopicDifference {
  readonly topic: WantedTopic;
  /** Each in words: setting, what it is, what it must be. */
  readonly sentences: readonly string[];
  readonly lacksPartitions: boolean;
  /** Settings on the topic beside those of its specification, which must survive an alteration. */
  readonly ownConfig: Readonly<Record<string, string>>;
  /** True when the replicas differ, which only a reassignment can mend. */
  readonly isReplicatedOtherwise: boolean;
}

async function differencesOf(
  admin: Admin,
  topics: readonly WantedTopic[],
  replicationFactor: number,
): Promise<readonly TopicDifference[]> {
  const { topics: metadata } = await admin.fetchTopicMetadata({ topics: topics.map(({ name }) => name) });
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: topics.map(({ name }) => ({ type: ConfigResourceTypes.TOPIC, name })),
  });
  const found: TopicDifference[] = [];
  for (const topic of topics) {
    const partitions = metadata.find(({ name }) => name === topic.name)?.partitions ?? [];
    const entries = resources.find(({ resourceName }) => resourceName === topic.name)?.configEntries ?? [];
    const actual = new Map(entries.map(({ configName, configValue }) => [configName, configValue]));
    const own = entries.filter(({ configSource }) => configSource === ConfigSource.TOPIC_CONFIG);
    const replicas = Math.min(...partitions.map((partition) => partition.replicas.length));
    const lacksPartitions = partitions.length < topic.partitions;
    const isReplicatedOtherwise = replicas < replicationFactor;
    const sentences = Object.entries(topic.config)
      .filter(([name, value]) => actual.get(name) !== value)
      .map(([name, value]) => `${name} is ${actual.get(name) ?? 'not known'}, must be ${value}`);
    if (lacksPartitions)
      sentences.push(`it has ${partitions.length} partitions, must have ${topic.partitions}`);
    if (isReplicatedOtherwise)
      sentences.push(
        `it has ${replicas} replicas, must have ${replicationFactor} (kafka-reassign-partitions)`,
      );
    if (sentences.length === 0) continue;
    const ownConfig = Object.fromEntries(own.map(({ configName, configValue }) => [configName, configValue]));
    found.push({ topic, sentences, lacksPartitions, ownConfig, isReplicatedOtherwise });
  }
  return found;
}

async function alterAll(admin: Admin, different: readonly TopicDifference[], may: boolean): Promise<void> {
  const beyondUs = may ? different.filter(({ isReplicatedOtherwise }) => isReplicatedOtherwise) : different;
  if (beyondUs.length > 0) {
    const lines = beyondUs.map(({ topic, sentences }) => `${topic.name}: ${sentences.join('; ')}`);
    const message = `topics differ from what they must be:\n${lines.join('\n')}`;
    throw new VetoError('configuration_invalid', message);
  }
  await admin.alterConfigs({
    validateOnly: false,
    resources: different.map(({ topic, ownConfig }) => ({
      type: ConfigResourceTypes.TOPIC,
      name: topic.name,
      configEntries: entriesOf({ ...ownConfig, ...topic.config }),
    })),
  });
  const growing = different.filter(({ lacksPartitions }) => lacksPartitions);
  if (growing.length === 0) return;
  await admin.createPartitions({
    topicPartitions: growing.map(({ topic }) => ({ topic: topic.name, count: topic.partitions })),
  });
}
