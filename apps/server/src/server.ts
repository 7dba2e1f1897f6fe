import type { AddressInfo } from 'node:net';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { VetoError } from '@veto/domain';
import { AppModule } from './app.module';
import { LiveAdapter } from './desk/live-adapter';
import { LiveGateway } from './desk/live.gateway';
import { createOpenApiDocument, type OpenApiDocument } from './developers/openapi';
import { installReferencePage } from './developers/reference';
import { ConsoleFiles } from './http/console-files';
import { createFastify } from './http/fastify';
import { installGate } from './http/gate';
import { ProblemFilter } from './http/problem.filter';
import { RouteTable } from './http/route-table';
import { installSecurityHeaders } from './http/security-headers';
import type { Runtime } from './runtime';
import { installDecisionsRoute } from './scoring/decisions.route';
import { OrphanSweeper } from './scoring/orphan-sweeper';
import { serveMetrics } from './telemetry/metrics-server';
import { openAccess } from './access';
import { EffectTimer } from './desk/effect-timer';

/** How often the views are written down while the server runs, in ms. */
const SAVE_VIEWS_INTERVAL_MS = 15 * 60_000;

/** Requests under way have this long to be answered when the server stops, in ms; a decision's deadline is at most 2 s. */
const DRAIN_DEADLINE_MS = 4_000;

/** A running server. */
export interface RunningServer {
  readonly url: string;
  readonly metricsUrl: string;
  /** True when the built console was found. */
  readonly hasConsole: boolean;
  readonly document: OpenApiDocument;
  /** `METHOD path` of everything that is served. */
  readonly routes: readonly string[];
  readonly app: NestFastifyApplication;
  /** False from the first word of a shutdown. */
  isReady(): boolean;
  /** Finishes what was asked, then lets go of everything. Idempotent. */
  close(): Promise<void>;
}

export interface ServerOptions {
  /** Where the built console lies; nothing is served at `/` when it is not there. */
  readonly consoleDirectory: string;
  readonly version: string;
}

/**
 * Opens the ports over a runtime.
 * @throws VetoError configuration_invalid when a port is in use
 */
export async function startServer(runtime: Runtime, options: ServerOptions): Promise<RunningServer> {
  const { configuration, clock, telemetry } = runtime;
  let isClosing = false;
  let isListening = false;
  let port = configuration.port;
  const access = openAccess(runtime, { port: () => port });
  const routes = new RouteTable();
  const consoleFiles = new ConsoleFiles(options.consoleDirectory);
  const document = createOpenApiDocument(options.version);
  const fastify = createFastify();
  installGate(fastify, {
    keys: access.keys,
    sessions: access.sessions,
    routes,
    clock,
    demo: configuration.mode === 'demo',
    isClosing: () => isClosing,
    refused: (request, code) => telemetry.requestRefused(request.id, code),
  });
  const https = configuration.publicUrl?.startsWith('https:') ?? false;
  installSecurityHeaders(fastify, { https, socketOrigins: () => access.socketOrigins() });
  const scoring = { line: runtime.line, door: runtime.door, reader: runtime.reader, telemetry };
  const filter = new ProblemFilter({ telemetry, routes, console: consoleFiles });
  installDecisionsRoute(fastify, scoring, filter.answer);
  await consoleFiles.register(fastify);

  const health = {
    version: options.version,
    startedAtMs: clock.nowMs(),
    isReady: () => isListening && !isClosing,
  };
  const desk = access.deskServices({ version: options.version });
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.with({ scoring, desk, health, document }),
    new FastifyAdapter(fastify as never),
    { bodyParser: false, logger: false, abortOnError: false },
  );
  app.useGlobalFilters(filter);
  app.useWebSocketAdapter(
    new LiveAdapter(app, { sessions: access.sessions, clock, isAllowedOrigin: access.isAllowedOrigin }),
  );
  installReferencePage(app, document);
  await listen(app, configuration);
  port = (app.getHttpServer().address() as AddressInfo).port;
  const metrics = await serveMetrics(telemetry.metrics, {
    host: configuration.host,
    port: configuration.metricsPort,
  }).catch(async (error: unknown) => {
    await app.close();
    throw portError(error, 'METRICS_PORT', configuration.metricsPort);
  });

  runtime.feed.start((error) => telemetry.requestFailed('views', error));
  const sweeper = new OrphanSweeper(runtime.line, telemetry);
  const effects = new EffectTimer(runtime.cases, telemetry);
  const saving = setInterval(() => runtime.saveViews(), SAVE_VIEWS_INTERVAL_MS);
  isListening = true;

  let closing: Promise<void> | null = null;
  const shutDown = async (): Promise<void> => {
    isClosing = true;
    clearInterval(saving);
    app.get(LiveGateway).announceRestart();
    // Requests that are under way are answered; new ones on open connections get 503. A caller who does not take the
    // answer is not waited for.
    const impatience = setTimeout(() => app.getHttpServer().closeAllConnections(), DRAIN_DEADLINE_MS);
    await Promise.all([app.close(), runtime.door.idle()]);
    clearTimeout(impatience);
    await Promise.all([sweeper.stop(), effects.stop(), metrics.close()]);
    access.close();
    await runtime.close();
  };
  return {
    url: urlOf(configuration.host, port),
    metricsUrl: `${urlOf(configuration.host, metrics.port)}/metrics`,
    hasConsole: consoleFiles.exists,
    document,
    routes: routes.routes,
    app,
    isReady: health.isReady,
    close: () => (closing ??= shutDown()),
  };
}

async function listen(
  app: NestFastifyApplication,
  at: { readonly host: string; readonly port: number },
): Promise<void> {
  try {
    await app.listen({ port: at.port, host: at.host });
  } catch (error) {
    throw portError(error, 'PORT', at.port);
  }
}

function portError(error: unknown, variable: string, port: number): unknown {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  if (code === 'EADDRINUSE') {
    return new VetoError(
      'configuration_invalid',
      `${variable}: port ${port} is in use by another program; choose another, or 0 to have one picked`,
    );
  }
  if (code === 'EACCES')
    return new VetoError(
      'configuration_invalid',
      `${variable}: port ${port} needs privileges; choose one from 1024 up`,
    );
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return new VetoError('configuration_invalid', 'HOST: there is no such address on this machine');
  return error;
}

function urlOf(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
