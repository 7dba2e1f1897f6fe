import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { aTempDirectory, aTransactionPayload, type TempDirectory } from '@veto/testing';
import { buildImage, type BuiltImage } from './built-image';
import { readComposition, type Composition } from './compose-file';
import { CompositionRun } from './composition-run';
import { startConnectService, startKafkaService, startRedisService } from './foreign-images';

/** Two installations and three builds, beside whatever else the machine has to do. */
const BUILT_WITHIN_MS = 900_000;

/** A decision as a merchant reads it, as far as it is looked at here. */
interface Decided {
  readonly outcome: string;
}

describe('docker/, every command of it run without Docker', () => {
  let directory: TempDirectory;
  let image: BuiltImage;

  beforeAll(async () => {
    directory = await aTempDirectory();
    image = buildImage(directory.path);
  }, BUILT_WITHIN_MS);

  afterAll(async () => {
    await directory.remove();
  });

  const inImage = (path: string): string => join(image.root, image.workingDirectory, path);

  it('builds an image of what runs, without the tools that made it', () => {
    const [needed, tools] = [
      ['fastify', 'kafkajs', 'redis', 'onnxruntime-node'],
      ['typescript', 'nx', 'jest', 'vite', 'rolldown', '@playwright'],
    ].map((names) => names.filter((name) => existsSync(inImage(`node_modules/${name}`))));
    expect(needed).toEqual(['fastify', 'kafkajs', 'redis', 'onnxruntime-node']);
    expect(tools).toEqual([]);
  });

  describe('the embedded composition', () => {
    const composition = readComposition('compose.embedded.yaml');
    let running: CompositionRun;
    let key: string;

    beforeAll(async () => {
      running = await CompositionRun.of(composition, image, join(directory.path, 'embedded'));
      key = await makeSecrets(running, composition, 'veto');
    });

    afterAll(async () => {
      await running.end();
    });

    it('is not healthy before it runs, and is once it does', async () => {
      expect((await running.checkHealth('veto')).code).toBe(1);
      await running.startServer('veto');
      expect((await running.checkHealth('veto')).code).toBe(0);
    });

    it('decides, by the key that the image made', async () => {
      expect(await decide(running.urlOf('veto'), key, 'ord_1')).toEqual([200, 'approve']);
    });

    it('serves the console', async () => {
      const page = await fetch(running.urlOf('veto'));
      expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('<div id="root">')]);
    });

    it('stops within its grace period', async () => {
      expect(await running.stop('veto')).toBeLessThan(15_000);
      expect((await running.checkHealth('veto')).code).toBe(1);
    });
  });

  describe('the composition with Kafka and Redis', () => {
    const composition = readComposition('compose.yaml', { VETO_STREAM_TENANT: 'acme' });
    let running: CompositionRun;
    let key: string;

    beforeAll(async () => {
      running = await CompositionRun.of(composition, image, join(directory.path, 'cluster'));
      key = await makeSecrets(running, composition, 'score-1');
      await running.startForeign('kafka', startKafkaService);
      await running.startForeign('redis', startRedisService);
    });

    afterAll(async () => {
      await running.end();
    });

    it('makes the topics, and changes nothing when that is done again', async () => {
      const made = await running.run('topics');
      expect(made).toMatchObject({ code: 0, output: expect.stringContaining('veto.decisions.v1') });
      expect(await running.run('topics')).toMatchObject({ code: 0 });
      expect(await running.run('topics', ['dlq', 'list'])).toMatchObject({ code: 0 });
    });

    it('starts every server, each healthy by the image’s check', async () => {
      for (const service of ['score-1', 'score-2', 'desk']) await running.startServer(service);
      const checks = ['score-1', 'score-2', 'desk'].map(async (each) => running.checkHealth(each));
      expect((await Promise.all(checks)).map(({ code }) => code)).toEqual([0, 0, 0]);
    });

    it('answers the same id with the same decision on both of those that score', async () => {
      const first = await decide(running.urlOf('score-1'), key, 'ord_1');
      expect(first).toEqual([200, 'approve']);
      expect(await decide(running.urlOf('score-2'), key, 'ord_1')).toEqual(first);
    });

    it('serves the console from the desk', async () => {
      const page = await fetch(running.urlOf('desk'));
      expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('<div id="root">')]);
    });

    it('decides about the lines of a file, and writes the decisions to another', async () => {
      const payments = running.places.pathOf('connect', '/files/payments.ndjson');
      const ids = Array.from({ length: 50 }, (_, row) => `line_${row}`);
      writeFileSync(payments, '');
      await running.startForeign('connect', startConnectService);
      appendFileSync(payments, ids.map((id) => `${JSON.stringify(paymentOf(id))}\n`).join(''));
      const decisions = running.places.pathOf('connect', '/files/decisions.ndjson');
      const text = (): string => (existsSync(decisions) ? readFileSync(decisions, 'utf8') : '');
      while (!ids.every((id) => text().includes(`"${id}"`))) await wait(100);
    });

    it('stops within the grace periods', async () => {
      const took = await Promise.all(['score-1', 'score-2', 'desk'].map(async (each) => running.stop(each)));
      expect(Math.max(...took)).toBeLessThan(15_000);
    });
  });
});

/** As docker/README.md says: a key and an analyst from the image, their entries in two files. @returns the key */
async function makeSecrets(
  running: CompositionRun,
  composition: Composition,
  service: string,
): Promise<string> {
  const key = await running.run(service, ['--new-key', 'acme:decide,read,label']);
  const analyst = await running.run(service, ['--new-analyst', 'acme:Ana Ruiz:lead']);
  for (const [name, { output }] of [
    ['api_keys', key],
    ['analysts', analyst],
  ] as const) {
    expect(Object.keys(composition.secrets)).toContain(name);
    const file = running.places.secretFile(name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `[${/^\s*(\{.*\})\s*$/m.exec(output)?.[1] ?? ''}]`);
  }
  return /\b(veto_\S+)/.exec(key.output)?.[1] ?? '';
}

function paymentOf(id: string): unknown {
  return aTransactionPayload({ transaction: { id } });
}

async function decide(url: string, key: string, id: string): Promise<[number, string]> {
  const reply = await fetch(`${url}/v1/decisions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify(paymentOf(id)),
  });
  return [reply.status, ((await reply.json()) as Decided).outcome];
}
