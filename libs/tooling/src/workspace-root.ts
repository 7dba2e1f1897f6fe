import { resolve } from 'node:path';

/** Absolute path of the workspace's root. */
export const workspaceRoot = resolve(import.meta.dirname, '../../..');
