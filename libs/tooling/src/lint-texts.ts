import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { workspaceRoot } from './workspace-root';

/** A text and the path, from the workspace's root, that the rules shall take it to lie at. */
export interface PlantedText {
  readonly path: string;
  readonly text: string;
}

/** What one rule said about one line; a `rule` of null is a text that could not be read at all. */
export interface LintMessage {
  readonly rule: string | null;
  readonly line: number;
  readonly message: string;
}

/** Lints every text with the workspace's own configuration, in a process of its own; one list of messages each. */
export function lintTexts(
  texts: readonly PlantedText[],
  environment: Readonly<Record<string, string>> = {},
): LintMessage[][] {
  const output = execFileSync(process.execPath, [join(workspaceRoot, 'libs/tooling/eslint/lint-texts.mjs')], {
    cwd: workspaceRoot,
    env: { ...process.env, ...environment },
    input: JSON.stringify(texts),
    encoding: 'utf8',
    maxBuffer: 32 * 1024 * 1024,
  });
  return JSON.parse(output) as LintMessage[][];
}
