import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCommand } from './configuration';

const root = join(__dirname, '..', '..', '..');
const read = (name: string): string => readFileSync(join(root, 'docker', name), 'utf8');
const dockerfile = read('Dockerfile');
const embedded = read('compose.embedded.yaml');
const cluster = read('compose.yaml');
const managed = read('compose.managed.yaml');

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
const service = (name: string, composition = cluster): string =>
  new RegExp(`^ {2}${name}:\\n(?:(?: {4}.*)?\\n)+`, 'm').exec(composition)?.[0] ?? '';

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

  it.each(['score-1', 'score-2', 'desk'])(
    'starts with settings that %s takes on a Kafka and a Redis of somebody else',
    (name) => {
      const secrets = mkdtempSync(join(tmpdir(), 'veto-secrets-'));
      try {
        writeFileSync(join(secrets, 'kafka_password'), 'hunter2\n');
        writeFileSync(join(secrets, 'redis_password'), 'hunter3\n');
        const given: Record<string, string> = {
          KAFKA_BROKERS: 'k1:9096',
          REDIS_URL: 'rediss://veto@r1:6380',
        };
        const filled = managed
          .replace(/\$\{(\w+):\?[^}]*\}/g, (_, variable: string) => given[variable] ?? '')
          .replaceAll('/run/secrets', secrets)
          .replaceAll("'true'", 'true');
        const shared = settingsIn(filled, /^ {2}([A-Z_]+): (\S+)$/gm);
        const own = settingsIn(service(name, filled), /^ {6}([A-Z_]+): (\S+)$/gm);
        expect(readCommand([], { ...ofImage, ...shared, ...own })).toMatchObject({
          configuration: {
            mode: 'production',
            cluster: {
              kafka: {
                brokers: ['k1:9096'],
                ssl: {},
                sasl: { mechanism: 'scram-sha-512', username: 'veto', password: 'hunter2' },
              },
              redisUrls: ['rediss://veto:hunter3@r1:6380'],
              instance: name,
            },
          },
        });
        expect(service(name, filled)).toContain(`- ${name}:/data`);
      } finally {
        rmSync(secrets, { recursive: true });
      }
    },
  );

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
    const graces = [embedded, cluster, managed].map((text) =>
      Number(/stop_grace_period: (\d+)s/.exec(text)?.[1]),
    );
    expect(Math.min(...graces)).toBeGreaterThan(10);
  });
});
