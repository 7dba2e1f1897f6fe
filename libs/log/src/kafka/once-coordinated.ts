import { setTimeout as pause } from 'node:timers/promises';
import { kafkaErrorNames } from './kafka-error';

const WITHIN_MS = 10_000;
const BETWEEN_MS = 100;

/**
 * Reads by a group that is made for it. A broker that only just started, or took a group over, answers for some moments
 * that it is still loading, which the library takes for the end.
 * @param attempt one reading by a consumer of its own; called again after such an answer
 * @param hasBegun whether anything was handed over: then it is not read again
 */
export async function onceCoordinated(attempt: () => Promise<void>, hasBegun: () => boolean): Promise<void> {
  for (const late = performance.now() + WITHIN_MS; ;) {
    try {
      return await attempt();
    } catch (error) {
      const isLoading = kafkaErrorNames(error).includes('GROUP_LOAD_IN_PROGRESS');
      if (!isLoading || hasBegun() || performance.now() > late) throw error;
    }
    await pause(BETWEEN_MS);
  }
}
