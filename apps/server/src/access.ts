import { closeSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { invariant } from '@veto/domain';
import type { Configuration } from './configuration';
import type { DeskServices } from './desk/desk-services';
import {
  DEMO_SESSION_LIMITS,
  PRODUCTION_SESSION_LIMITS,
  Sessions,
  type CookieOptions,
  type Session,
} from './desk/sessions';
import { AnalystRing, type Analyst } from './keys/analyst-ring';
import { DEMO_TENANT } from './keys/demo-key';
import { readAnalystFile, readKeyFile, watchKeyFile } from './keys/key-file';
import { KeyRing } from './keys/key-ring';
import type { Runtime } from './runtime';

/** Who sits at a demo's desk. */
export const DEMO_ANALYST: Analyst = { id: 'demo', name: 'Demo analyst', role: 'lead', tenant: DEMO_TENANT };

const SAVE_SESSIONS_INTERVAL_MS = 1_000;
const LOOPBACK_NAMES = ['127.0.0.1', 'localhost', '[::1]'];

/** Who may do what: keys for merchants, sessions for analysts, origins for pages. */
export interface Access {
  readonly keys: KeyRing;
  readonly sessions: Sessions;
  isAllowedOrigin(this: void, origin: string): boolean;
  /** Where the console's page may open sockets to, for its policy. */
  socketOrigins(): readonly string[];
  deskServices(of: { readonly version: string }): DeskServices;
  close(): void;
}

/** @throws VetoError configuration_invalid when a file of keys or analysts cannot be used */
export function openAccess(runtime: Runtime, at: { readonly port: () => number }): Access {
  const { configuration, data, telemetry } = runtime;
  const isDemo = configuration.mode === 'demo';
  const { keys, analysts, stopWatching } = isDemo ? demoRings() : productionRings(runtime);
  const sessions = new Sessions({
    limits: isDemo ? DEMO_SESSION_LIMITS : PRODUCTION_SESSION_LIMITS,
    cookie: cookieOf(configuration, at.port),
    restored: readSessions(data.sessions),
  });
  const save = (): void => {
    if (sessions.takeChanged()) saveSessions(data.sessions, sessions);
  };
  const saving = setInterval(save, SAVE_SESSIONS_INTERVAL_MS);
  const origins = (): readonly string[] =>
    configuration.publicUrl === null
      ? LOOPBACK_NAMES.map((name) => `http://${name}:${at.port()}`)
      : [new URL(configuration.publicUrl).origin];
  return {
    keys,
    sessions,
    isAllowedOrigin: (origin) => origins().includes(origin),
    socketOrigins: () => origins().map((origin) => origin.replace(/^http/, 'ws')),
    deskServices: ({ version }) => ({
      clock: runtime.clock,
      telemetry,
      sessions,
      analysts,
      demoAnalyst: isDemo ? DEMO_ANALYST : null,
      mode: configuration.mode,
      version,
      source: runtime.source,
      view: runtime.deskView,
      cases: runtime.cases,
      reader: runtime.reader,
      featureSet: runtime.line.featureSet,
      scorer: runtime.scorer,
    }),
    close: () => {
      stopWatching();
      clearInterval(saving);
      save();
    },
  };
}

interface Rings {
  readonly keys: KeyRing;
  readonly analysts: AnalystRing;
  readonly stopWatching: () => void;
}

function demoRings(): Rings {
  return { keys: KeyRing.ofDemo(), analysts: new AnalystRing([]), stopWatching: () => undefined };
}

function productionRings({ configuration, telemetry }: Runtime): Rings {
  const { apiKeysFile, analystsFile } = configuration;
  invariant(
    apiKeysFile !== null && analystsFile !== null,
    'production mode was configured without its files',
  );
  const keys = KeyRing.ofEntries(readKeyFile(apiKeysFile), configuration.apiKeyPepper);
  const stopWatching = watchKeyFile(apiKeysFile, keys, (message) =>
    telemetry.warned(`the keys stay as they were: ${message}`),
  );
  return { keys, analysts: new AnalystRing(readAnalystFile(analystsFile)), stopWatching };
}

/**
 * Cookies know hosts, not ports: two demos on one machine need two names. A demo speaks plain http, where not every
 * browser keeps a `Secure` cookie; anywhere else the cookie is bound to https and to this host.
 */
function cookieOf(configuration: Configuration, port: () => number): CookieOptions {
  if (configuration.mode === 'demo') return { name: () => `veto_session_${port()}`, secure: false };
  const https = configuration.publicUrl?.startsWith('https:') ?? false;
  return { name: () => (https ? '__Host-veto_session' : 'veto_session'), secure: https };
}

/** Sessions of the process before; none when the file is missing or torn: everybody signs in again. */
function readSessions(path: string): readonly (readonly [string, Session])[] {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as (readonly [string, Session])[];
  } catch {
    return [];
  }
}

function saveSessions(path: string, sessions: Sessions): void {
  const text = JSON.stringify(sessions.entries());
  const descriptor = openSync(`${path}.new`, 'w', 0o600);
  try {
    writeSync(descriptor, text);
  } finally {
    closeSync(descriptor);
  }
  renameSync(`${path}.new`, path);
}
