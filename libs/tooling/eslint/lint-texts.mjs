/**
 * Lints texts as if they lay at the given paths, in one process and without writing them: reads
 * `[{path, text}]` as JSON from stdin, writes to stdout what was found in each: `[[{rule, line, message}]]`.
 */
import { text } from 'node:stream/consumers';
import { ESLint } from 'eslint';
import { workspaceRoot } from '../bin/workspace.mjs';

const TEXTS_COUNT_MAX = 100;

const eslint = new ESLint({
  cwd: workspaceRoot,
  overrideConfigFile: 'libs/tooling/eslint.config.mjs',
  overrideConfig: {
    files: ['**/*.{ts,tsx}'],
    languageOptions: {
      parserOptions: {
        projectService: {
          defaultProject: 'tsconfig.base.json',
          // No file of these names exists; the type-aware rules need a project to look at them in.
          allowDefaultProject: [
            '*/*/src/planted*.{ts,tsx}',
            'e2e/planted*.ts',
            'apps/console/src/features/*/planted*.tsx',
            'libs/decision/src/decide-planted.ts',
          ],
          maximumDefaultProjectFileMatchCount_THIS_WILL_SLOW_DOWN_LINTING: TEXTS_COUNT_MAX,
        },
      },
    },
  },
});

const reports = [];
for (const planted of JSON.parse(await text(process.stdin))) {
  const results = await eslint.lintText(planted.text, { filePath: planted.path });
  const found = results.flatMap((result) => result.messages);
  reports.push(found.map(({ ruleId, line, message }) => ({ rule: ruleId, line, message })));
}
process.stdout.write(JSON.stringify(reports));
