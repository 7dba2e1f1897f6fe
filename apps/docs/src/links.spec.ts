import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const WORKSPACE = join(__dirname, '../../..');
const SKIPPED = new Set(['node_modules', 'dist', 'tmp', '.git', '.nx', 'coverage']);

function markdownFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return SKIPPED.has(entry.name) ? [] : markdownFiles(path);
    return entry.name.endsWith('.md') ? [path] : [];
  });
}

/** Targets of links and pictures that point into the repository. */
function localTargets(markdown: string): string[] {
  const targets = [...markdown.matchAll(/\]\(([^)\s]+)\)|(?:src|href|srcset)="([^"]+)"/g)].map(
    (match) => match[1] ?? match[2] ?? '',
  );
  return targets
    .filter((target) => !/^(https?:|mailto:|#)/.test(target))
    .map((target) => target.replace(/#.*$/, ''));
}

const files = markdownFiles(WORKSPACE);

describe('the documentation', () => {
  it.each(files.map((file) => relative(WORKSPACE, file)))('%s links only to what is there', (file) => {
    const markdown = readFileSync(join(WORKSPACE, file), 'utf8');
    const missing = localTargets(markdown).filter(
      (target) => !existsSync(join(WORKSPACE, dirname(file), target)),
    );
    expect(missing).toEqual([]);
  });

  it('names only root commands that exist', () => {
    const { scripts } = JSON.parse(readFileSync(join(WORKSPACE, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const known = new Set([...Object.keys(scripts), 'ci', 'install']);
    const named = files.flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/npm (?:run )?([a-z][a-z0-9:]*)/g)].map(
        (match) => `${relative(WORKSPACE, file)}: ${match[1]}`,
      ),
    );
    expect(named.filter((name) => !known.has(name.split(': ')[1] ?? ''))).toEqual([]);
  });
});
