import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readCommand } from './configuration';

const root = join(__dirname, '..', '..', '..');
const read = (name: string): string => readFileSync(join(root, 'docker', name), 'utf8');
const dockerfile = read('Dockerfile');
const embedded = read('compose.embedded.yaml');
const cluster = read('compose.yaml');

function settingsIn(text: string, line: RegExp): Record<string, string> {
  // `${NAME:-default}` is the default where nobody sets it.
  return Object.fromEntries(
    [...text.matchAll(line)].map(([, name = '', value = '']) => [
      name,
      value.replace(/\$\{\w+:-(.*)\}/, '$1'),
    ]),
  );
}

const ofImage = settingsIn(dockerfile, /^(?:ENV |\s+)([A-Z_]+)=(\S+)/gm);
const ofEmbedded = settingsIn(embedded, /^ {6}([A-Z_]+): (\S+)$/gm);
const ofCluster = settingsIn(cluster, /^ {2}([A-Z_]+): (\S+)$/gm);
const service = (name: string): string =>
  new RegExp(`^ {2}${name}:\\n(?:(?: {4}.*)?\\n)+`, 'm').exec(cluster)?.[0] ?? '';

describe('the container', () => {
  it('starts with settings that the embedded server takes', () => {
    expect(readCommand([], { ...ofImage, ...ofEmbedded })).toMatchObject({
      kind: 'serve',
      configuration: {
        mode: 'production',
        host: '0.0.0.0',
        port: 8080,
        dataDirectory: '/data',
        apiKeysFile: '/run/secrets/api_keys',
        cluster: null,
      },
    });
  });

  it.each([
    ['score-1', ['score', 'stream']],
    ['score-2', ['score', 'stream']],
    ['desk', ['desk']],
  ])('starts with settings that %s of a cluster takes', (name, roles) => {
    const own = settingsIn(service(name), /^ {6}([A-Z_]+): (\S+)$/gm);
    expect(readCommand([], { ...ofImage, ...ofCluster, ...own })).toMatchObject({
      kind: 'serve',
      configuration: {
        mode: 'production',
        roles,
        analystsFile: '/run/secrets/analysts',
        cluster: {
          kafka: { brokers: ['kafka:9092'] },
          redisUrls: ['redis://redis:6379'],
          instance: name,
          streamTenant: null,
        },
      },
    });
    expect(service(name)).toContain(`- ${name}:/data`);
  });

  it('copies what there is', () => {
    const copied = [...dockerfile.matchAll(/^COPY --from=build \/app\/(\S+)/gm)].map(
      ([, path]) => path ?? '',
    );
    expect(copied).toEqual([
      'node_modules',
      'dist/apps/server',
      'dist/apps/console',
      'dist/apps/replay',
      'libs/model/artifacts',
    ]);
    expect(existsSync(join(root, 'libs/model/artifacts/fraud-gbt/manifest.json'))).toBe(true);
    expect(existsSync(join(root, 'libs/tooling/bin/build.mjs'))).toBe(true);
  });

  it('does not run as root, and says when it is healthy', () => {
    expect(dockerfile).toMatch(/^USER node$/m);
    expect(dockerfile).toContain('/v1/health/ready');
  });

  it('is given longer to stop than the server takes at most', () => {
    const graces = [embedded, cluster].map((text) => Number(/stop_grace_period: (\d+)s/.exec(text)?.[1]));
    expect(Math.min(...graces)).toBeGreaterThan(10);
  });
});
