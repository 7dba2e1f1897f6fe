import { randomBytes } from 'node:crypto';
import type { Clock } from '@veto/domain';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isLoopback } from '../configuration';
import { mayAct } from '../keys/analyst-ring';
import type { Caller, KeyRing } from '../keys/key-ring';
import type { Session, Sessions } from '../desk/sessions';
import { Refusal } from './refusal';
import type { Access, RouteTable } from './route-table';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who calls, on routes that ask for a key. */
    caller: Caller | null;
    /** Who sits there, on routes of the desk. */
    session: Session | null;
    /** Time spent on reading the body so far, in ms. */
    parseMs: number;
  }
}

/** The header that makes a browser ask first before it sends a request for another site. */
export const DESK_HEADER = 'x-veto-desk';

export interface GateParts {
  readonly keys: KeyRing;
  readonly sessions: Sessions;
  readonly routes: RouteTable;
  readonly clock: Clock;
  readonly demo: boolean;
  readonly isClosing: () => boolean;
  readonly refused: (request: FastifyRequest, code: 'unauthenticated' | 'forbidden') => void;
}

let requestCount = 0;
const processPart = randomBytes(6).toString('hex');

/** Unique, opaque, and never taken from the caller: a header may hold anything. */
export function newRequestId(): string {
  requestCount += 1;
  return `req_${processPart}${requestCount.toString(36).padStart(7, '0')}`;
}

/** What stands before every route: who may pass, and the headers that every reply bears. */
export function installGate(fastify: FastifyInstance, parts: GateParts): void {
  fastify.decorateRequest('caller', null);
  fastify.decorateRequest('session', null);
  fastify.decorateRequest('parseMs', 0);
  fastify.addHook('onRoute', (route) => parts.routes.add(route));
  fastify.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    reply.header('x-content-type-options', 'nosniff');
    try {
      if (parts.isClosing()) {
        reply.header('connection', 'close');
        throw new Refusal('shutting_down', 'This instance is shutting down.', { retryAfterS: 1 });
      }
      // A page of another site whose name was pointed at 127.0.0.1 must not reach a demo.
      if (parts.demo && !isLoopbackHost(request.headers.host)) {
        throw new Refusal('forbidden', 'A demo answers to loopback names only.');
      }
      // Before the body is read: what a path does not know it does not look at either.
      if (request.is404) throw new Refusal('not_found', 'There is nothing at this path.');
      const { url } = request.routeOptions;
      const access = url === undefined ? null : parts.routes.accessOf(request.method, url);
      if (access !== null) admit(access, { request, reply, parts });
      done();
    } catch (error) {
      if (error instanceof Refusal && (error.code === 'unauthenticated' || error.code === 'forbidden')) {
        parts.refused(request, error.code);
      }
      done(error as Error);
    }
  });
}

function admit(
  access: Access,
  at: { readonly request: FastifyRequest; readonly reply: FastifyReply; readonly parts: GateParts },
): void {
  const { request, reply, parts } = at;
  if (access.kind === 'public') return;
  reply.header('cache-control', 'no-store');
  if (access.kind === 'key') {
    const caller = callerOf(request, parts);
    if (!caller.scopes.includes(access.scope)) {
      throw new Refusal('forbidden', `This key does not have the scope ${access.scope}.`);
    }
    request.caller = caller;
    return;
  }
  const session = parts.sessions.find(request.headers.cookie, parts.clock.nowMs());
  if (session === null) throw new Refusal('unauthenticated', 'There is no session; sign in at the desk.');
  if (access.change) refuseForeignChange(request);
  if (!mayAct(session.analyst.role, access.role))
    throw new Refusal('forbidden', `This takes the role ${access.role}.`);
  request.session = session;
}

/** @throws Refusal unauthenticated; the same words whatever was wrong */
function callerOf(request: FastifyRequest, parts: GateParts): Caller {
  const header = request.headers.authorization ?? '';
  const key = /^Bearer +([\w-]+)$/i.exec(header)?.[1];
  const caller = key === undefined ? null : parts.keys.callerOf(key, parts.clock.nowMs());
  if (caller === null || (caller.loopbackOnly && !isLoopback(request.socket.remoteAddress ?? ''))) {
    throw new Refusal('unauthenticated', 'Send an active API key as "Authorization: Bearer veto_…".');
  }
  return caller;
}

/** @throws Refusal forbidden when a page of another site could have sent it */
export function refuseForeignChange(request: FastifyRequest): void {
  const site = request.headers['sec-fetch-site'];
  if (
    request.headers[DESK_HEADER] !== '1' ||
    (site !== undefined && site !== 'same-origin' && site !== 'none')
  ) {
    throw new Refusal(
      'forbidden',
      `Changes are taken from the console only, with the header ${DESK_HEADER}: 1.`,
    );
  }
}

function isLoopbackHost(host: string | undefined): boolean {
  if (host === undefined) return true;
  return isLoopback(
    host.startsWith('[') ? host.slice(0, host.indexOf(']') + 1) : (host.split(':', 1)[0] ?? ''),
  );
}
