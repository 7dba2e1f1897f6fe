import { decisionSchema, labelSchema, parseTransactionPayload } from '@veto/domain';
import { aServer, type TestServer } from '../a-server.spec-support';
import { bannerText, curlLine } from '../banner';
import { aConfiguration } from '../a-server.spec-support';
import { DECISION_EXAMPLE, LABEL_EXAMPLE, PAYMENT_EXAMPLE } from './examples';
import { createOpenApiDocument } from './openapi';

describe('the OpenAPI document', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await aServer();
  });
  afterAll(() => server.dispose());

  it('names exactly the routes of /v1 that are served', () => {
    const documented = Object.entries(server.document.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`),
    );
    const served = server.routes.filter((route) => / \/v1\//.test(route) && !route.startsWith('HEAD '));
    expect(documented.sort()).toEqual(served);
    expect(served).toHaveLength(6);
  });

  it('is served, and refers to nothing that it does not hold', async () => {
    const text = await (await server.request('/openapi.json')).text();
    const document = JSON.parse(text) as {
      openapi: string;
      components: { schemas: Record<string, unknown> };
    };
    expect(document.openapi).toBe('3.1.0');
    const referred = new Set([...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name));
    for (const name of referred) expect(document.components.schemas).toHaveProperty(name ?? '');
    expect([...text.matchAll(/"\$ref":"(?!#\/components\/schemas\/)/g)]).toHaveLength(0);
  });

  it('has examples that are what they are examples of', () => {
    expect(parseTransactionPayload(PAYMENT_EXAMPLE)).toMatchObject({ ok: true });
    expect(labelSchema.safeParse(LABEL_EXAMPLE).success).toBe(true);
    const decision = decisionSchema.parse(DECISION_EXAMPLE);
    const shown = decision.reason_codes.reduce((sum, reason) => sum + (reason.contribution ?? 0), 0);
    // 0.0121 + 0.4103 + 0.2214 + 0.2293 = 0.8731
    expect((decision.score_base ?? 0) + shown + (decision.other_contributions ?? 0)).toBeCloseTo(
      decision.score ?? 0,
      10,
    );
  });

  it('documents every answer with the problem’s schema', () => {
    const { paths } = createOpenApiDocument('1');
    for (const operations of Object.values(paths)) {
      for (const operation of Object.values(operations)) {
        const { responses } = operation as {
          responses: Record<string, { content?: Record<string, unknown> }>;
        };
        for (const [status, response] of Object.entries(responses)) {
          expect(Object.keys(response.content ?? {})).toEqual([
            status < '400' ? 'application/json' : 'application/problem+json',
          ]);
        }
      }
    }
  });

  it('is drawn by a page whose every file comes from here', async () => {
    const reply = await server.request('/docs');
    const page = await reply.text();
    expect(reply.headers.get('content-security-policy')).toContain("default-src 'self'");
    expect(page).not.toMatch(/<script>|https?:\/\/(?!www\.w3\.org)/);
    const files = [...page.matchAll(/(?:src|href)=["']\.\/docs\/([\w.-]+)["']/g)].map(([, file]) => file);
    expect(files).toEqual(
      expect.arrayContaining(['swagger-ui.css', 'swagger-ui-bundle.js', 'swagger-ui-init.js']),
    );
    for (const file of files) {
      const each = await server.request(`/docs/${file}`);
      expect(each.status).toBe(200);
      await each.arrayBuffer();
    }
  });
});

describe('the banner', () => {
  it('holds a command that works when it is pasted', async () => {
    const server = await aServer();
    const command = curlLine(server.url);
    const [, url, key, body] = /curl -s (\S+) [\s\S]*Bearer (\S+)'[\s\S]*-d '(.*)'/.exec(command) ?? [];
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    const reply = await fetch(url ?? '', { method: 'POST', headers, body: body ?? '' });
    expect(reply.status).toBe(200);
    await server.dispose();
  });

  it('says where everything is', () => {
    const text = bannerText({
      configuration: aConfiguration({ trafficRate: 20 }),
      url: 'http://127.0.0.1:8080',
      metricsUrl: 'http://127.0.0.1:9464/metrics',
      dataDirectory: '/data',
      hasConsole: true,
      version: '0.1.0',
    });
    expect(text.split('\n').slice(0, 10).join('\n')).toBe(`Veto 0.1.0 is ready (demo)

  Console    http://127.0.0.1:8080/
  API        http://127.0.0.1:8080/v1/decisions
  Reference  http://127.0.0.1:8080/docs
  Metrics    http://127.0.0.1:9464/metrics
  Data       /data
  Traffic    20 payments a second, seed 1

Ask about a payment:`);
  });
});
