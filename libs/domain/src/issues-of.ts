import type { z } from 'zod';
import type { Issue } from './errors';

const segment = (key: PropertyKey): string => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`;
const pointerOf = (path: readonly PropertyKey[]): string => path.map(segment).join('');

/** zod's issues → pointers and plain words. An unknown member is one issue each, at its own pointer. */
export function issuesOf(error: z.ZodError): Issue[] {
  const issues: Issue[] = [];
  for (const issue of error.issues) {
    const pointer = pointerOf(issue.path);
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) {
        issues.push({
          pointer: `${pointer}${segment(key)}`,
          code: 'unknown_field',
          detail: 'is not a field of this object',
        });
      }
    } else {
      issues.push({ pointer, code: issue.code, detail: issue.message });
    }
  }
  return issues;
}
