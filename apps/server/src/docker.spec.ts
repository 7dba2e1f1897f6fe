import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readCommand } from './configuration';

const root = join(__dirname, '..', '..', '..');
const read = (name: string): string => readFileSync(join(root, 'docker', name), 'utf8');
const dockerfile = read('Dockerfile');
const compose = read('compose.yaml');

/** What the image and the composition set, together. */
const environment = Object.fromEntries([
  ...[...dockerfile.matchAll(/^(?:ENV |\s+)([A-Z_]+)=(\S+)/gm)].map(
    ([, name, value]) => [name, value] as const,
  ),
  ...[...compose.matchAll(/^ {6}([A-Z_]+): (\S+)$/gm)].map(([, name, value]) => [name, value] as const),
]) as Record<string, string>;

describe('the container', () => {
  it('starts with settings that the server takes', () => {
    expect(readCommand([], environment)).toMatchObject({
      kind: 'serve',
      configuration: {
        mode: 'production',
        host: '0.0.0.0',
        port: 8080,
        dataDirectory: '/data',
        apiKeysFile: '/run/secrets/api_keys',
      },
    });
  });

  it('copies what there is', () => {
    const copied = [...dockerfile.matchAll(/^COPY --from=build \/app\/(\S+)/gm)].map(
      ([, path]) => path ?? '',
    );
    expect(copied).toEqual(['node_modules', 'dist/apps/server', 'dist/apps/console', 'libs/model/artifacts']);
    expect(existsSync(join(root, 'libs/model/artifacts/fraud-gbt/manifest.json'))).toBe(true);
    expect(existsSync(join(root, 'libs/tooling/bin/build.mjs'))).toBe(true);
  });

  it('does not run as root, and says when it is healthy', () => {
    expect(dockerfile).toMatch(/^USER node$/m);
    expect(dockerfile).toContain('/v1/health/ready');
  });

  it('is given longer to stop than the server takes at most', () => {
    expect(Number(/stop_grace_period: (\d+)s/.exec(compose)?.[1])).toBeGreaterThan(10);
  });
});
