import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The published demo key, as the README gives it: the suites use what a reader would paste. */
export const DEMO_API_KEY =
  /veto_test_[0-9A-Za-z_]+/.exec(
    readFileSync(join(import.meta.dirname, '../../../README.md'), 'utf8'),
  )?.[0] ?? 'the README names no key';
