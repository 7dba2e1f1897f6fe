import { isLoginCutOff } from './kafka-refusal';

/** Types and names of an error of kafkajs and of everything that caused it, outermost first. */
export function kafkaErrorNames(error: unknown): readonly string[] {
  const names: string[] = [];
  // A chain of causes is short; one that leads back to itself ends here all the same.
  for (
    let current = error, depth = 0;
    current instanceof Error && depth < 8;
    current = current.cause, depth++
  ) {
    if ('type' in current && typeof current.type === 'string') names.push(current.type);
    names.push(current.name);
  }
  return names;
}

const BROKER_AWAY = new Set([
  'KafkaJSConnectionError',
  'KafkaJSConnectionClosedError',
  'KafkaJSBrokerNotFound',
  'KafkaJSNoBrokerAvailableError',
  'KafkaJSRequestTimeoutError',
  'KafkaJSGroupCoordinatorNotFound',
  'KafkaJSMetadataNotLoaded',
  'KafkaJSTopicMetadataNotLoaded',
  'KafkaJSLockTimeout',
]);

/** Whether an error means that the broker, or the part of it that was asked, does not answer at the moment. */
export function isBrokerAway(error: unknown): boolean {
  if (kafkaErrorNames(error).some((name) => BROKER_AWAY.has(name))) return true;
  return isPassing(error);
}

/** Whether a broker answered that it cannot do it now, and may a moment later: a leader is being chosen, say. */
export function isPassing(error: unknown): boolean {
  for (
    let current = error, depth = 0;
    current instanceof Error && depth < 8;
    current = current.cause, depth++
  ) {
    if (isLoginCutOff(current)) return true;
    if (current.name === 'KafkaJSProtocolError' && 'retriable' in current && current.retriable === true)
      return true;
  }
  return false;
}
