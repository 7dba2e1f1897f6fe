import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';

/**
 * Compares a text that a person reads with the file that holds it. With `UPDATE_GOLDEN=1` in the environment the file
 * is written anew, for a person to look at in the diff.
 */
export function expectGolden(path: string, text: string): void {
  const file = resolve(__dirname, path);
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(file, text);
  expect(text).toBe(existsSync(file) ? readFileSync(file, 'utf8') : 'no such file');
}
