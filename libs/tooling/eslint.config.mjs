import { defineConfig, globalIgnores } from 'eslint/config';
import { boundaries } from './eslint/boundaries.mjs';
import { ensureProjectGraph } from './eslint/project-graph.mjs';
import { purity } from './eslint/purity.mjs';
import { style } from './eslint/style.mjs';

await ensureProjectGraph();

export default defineConfig(
  globalIgnores(['**/node_modules/', '**/dist/', '**/tmp/', '**/.venv/']),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  ...style,
  ...boundaries,
  ...purity,
);
