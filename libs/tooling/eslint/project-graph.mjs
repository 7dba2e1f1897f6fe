import { createProjectGraphAsync, readCachedProjectGraph } from '@nx/devkit';

/**
 * Makes sure that the boundary rule has a graph to judge by: without one it lets everything pass, with a warning
 * and exit code 0. Inside an nx task the cached graph is the task's own; elsewhere it may be of another day.
 * @returns {Promise<import('@nx/devkit').ProjectGraph>}
 */
export async function ensureProjectGraph() {
  if (process.env.NX_TASK_TARGET_PROJECT) {
    try {
      return readCachedProjectGraph();
    } catch {
      // Somebody emptied the cache while the task was under way: make it again.
    }
  }
  return createProjectGraphAsync({ exitOnError: false });
}
