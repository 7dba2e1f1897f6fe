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
import { serveMetrics } from './telemetry/metrics-server';
import { openAccess, type Access } from './access';
import { BackgroundWork } from './background-work';
import type { Health } from './health/health.controller';
import { Readiness } from './health/readiness';

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
  /** Something cannot go on by itself: the process should end, for its supervisor to start it anew. Called once at most. */
  readonly onFatal: (error: Error) => void;
}

/**
 * Opens the ports over a runtime.
 * @throws VetoError configuration_invalid when a port is in use, or a topic is missing
 */
export async function startServer(runtime: Runtime, options: ServerOptions): Promise<RunningServer> {
  const { configuration, clock, telemetry, cluster } = runtime;
  const stage = new Stage(clock.nowMs());
  let port = configuration.port;
  const access = openAccess(runtime, { port: () => port });
  const health: Health = {
    version: options.version,
    roles: configuration.roles,
    startedAtMs: stage.startedAtMs,
    trouble: () => stage.trouble(),
  };
  const { app, routes, consoleFiles, document } = await createApp(runtime, {
    options,
    access,
    health,
    isClosing: () => stage.isClosing,
  });
  await listen(app, configuration);
  port = (app.getHttpServer().address() as AddressInfo).port;
  const metrics = await serveMetrics(telemetry.metrics, {
    host: configuration.host,
    port: configuration.metricsPort,
  }).catch(async (error: unknown) => {
    await app.close();
    throw portError(error, 'METRICS_PORT', configuration.metricsPort);
  });
  const background = new BackgroundWork(runtime);
  stage.readiness = new Readiness({ cluster, consumers: () => background.consumers, clock });

  const shutDown = async (): Promise<void> => {
    stage.isClosing = true;
    if (configuration.roles.includes('desk')) app.get(LiveGateway).announceRestart();
    // Requests that are under way are answered; new ones on open connections get 503. A caller who does not take the
    // answer is not waited for.
    const impatience = setTimeout(() => app.getHttpServer().closeAllConnections(), DRAIN_DEADLINE_MS);
    await Promise.all([app.close(), runtime.door.idle(), background.stopConsuming()]);
    clearTimeout(impatience);
    await Promise.all([background.stop(), stage.readiness?.stop(), metrics.close()]);
    access.close();
    await runtime.close();
  };
  let closing: Promise<void> | null = null;
  const close = (): Promise<void> => (closing ??= shutDown());
  await background.consume(options).catch(async (error: unknown) => {
    await close();
    throw error;
  });
  stage.isListening = true;
  return {
    url: urlOf(configuration.host, port),
    metricsUrl: `${urlOf(configuration.host, metrics.port)}/metrics`,
    hasConsole: consoleFiles.exists,
    document,
    routes: routes.routes,
    app,
    isReady: () => stage.trouble() === null,
    close,
  };
}

/** How far the server has come. */
class Stage {
  isListening = false;
  isClosing = false;
  readiness: Readiness | null = null;

  constructor(readonly startedAtMs: number) {}

  /** Why it should not be sent anything, in words; null when it is ready. */
  trouble(): string | null {
    if (this.isClosing) return 'this instance is shutting down';
    if (!this.isListening) return 'it is starting';
    return this.readiness?.trouble() ?? null;
  }
}

/** The application with the routes of this instance's roles. It listens nowhere yet. */
async function createApp(
  runtime: Runtime,
  of: {
    readonly options: ServerOptions;
    readonly access: Access;
    readonly health: Health;
    readonly isClosing: () => boolean;
  },
): Promise<{
  readonly app: NestFastifyApplication;
  readonly routes: RouteTable;
  readonly consoleFiles: ConsoleFiles;
  readonly document: OpenApiDocument;
}> {
  const { configuration, clock, telemetry } = runtime;
  const { options, access, health, isClosing } = of;
  const [scores, hasDesk] = [configuration.roles.includes('score'), configuration.roles.includes('desk')];
  const routes = new RouteTable();
  const consoleFiles = new ConsoleFiles(hasDesk ? options.consoleDirectory : null);
  const document = createOpenApiDocument(options.version);
  const fastify = createFastify();
  installGate(fastify, {
    keys: access.keys,
    sessions: access.sessions,
    routes,
    clock,
    demo: configuration.mode === 'demo',
    isClosing,
    refused: (request, code) => telemetry.requestRefused(request.id, code),
  });
  const https = configuration.publicUrl?.startsWith('https:') ?? false;
  installSecurityHeaders(fastify, { https, socketOrigins: () => access.socketOrigins() });
  const scoring = { line: runtime.line, door: runtime.door, reader: runtime.reader, telemetry };
  const filter = new ProblemFilter({ telemetry, routes, console: consoleFiles });
  if (scores) installDecisionsRoute(fastify, scoring, filter.answer);
  await consoleFiles.register(fastify);
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.with({
      scoring: scores ? scoring : null,
      desk: hasDesk ? access.deskServices({ version: options.version }) : null,
      health,
      document,
    }),
    new FastifyAdapter(fastify as never),
    { bodyParser: false, logger: false, abortOnError: false },
  );
  app.useGlobalFilters(filter);
  const { sessions, isAllowedOrigin } = access;
  if (hasDesk) app.useWebSocketAdapter(new LiveAdapter(app, { sessions, clock, isAllowedOrigin }));
  if (scores) installReferencePage(app, document);
  return { app, routes, consoleFiles, document };
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
