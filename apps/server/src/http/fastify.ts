import type { Socket } from 'node:net';
import { ERROR_CODES, problemOf, type ErrorCode } from '@veto/domain';
import { fastify, type FastifyInstance } from 'fastify';
import { newRequestId } from './gate';
import { BODY_BYTES_MAX, readJsonBody } from './json-body';
import { answerOf, PROBLEM_CONTENT_TYPE, sendProblem } from './problem';

/** A request that has not arrived after this long is given up, in ms. */
const REQUEST_TIMEOUT_MS = 10_000;
/** Idle connections are kept this long, in ms: longer than load balancers do, so that they close first. */
const KEEP_ALIVE_MS = 75_000;
const HEADERS_TIMEOUT_MS = 10_000;

/** Fastify as every route here needs it: small bodies, JSON alone, and problem documents even where no request was understood. */
export function createFastify(): FastifyInstance {
  const instance = fastify({
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    http: { headersTimeout: HEADERS_TIMEOUT_MS },
    genReqId: newRequestId,
    requestIdHeader: false,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    routerOptions: { maxParamLength: 256 },
    frameworkErrors: (error, request, reply) => {
      sendProblem(
        reply,
        request,
        answerOf(error) ?? { code: 'invalid_request', detail: 'The request was refused.' },
      );
    },
    clientErrorHandler: (error, socket) => answerBrokenRequest(error, socket as Socket),
  });
  instance.removeAllContentTypeParsers();
  instance.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer', bodyLimit: BODY_BYTES_MAX },
    (request, bytes, done) => {
      const startedMs = performance.now();
      try {
        const body = readJsonBody(bytes as Buffer, request.headers['content-type'] ?? '');
        request.parseMs = performance.now() - startedMs;
        done(null, body);
      } catch (error) {
        done(error as Error);
      }
    },
  );
  return instance;
}

const BROKEN: Readonly<Record<string, { readonly code: ErrorCode; readonly detail: string }>> = {
  HPE_HEADER_OVERFLOW: { code: 'headers_too_large', detail: 'The headers are larger than 16 KiB.' },
  ERR_HTTP_REQUEST_TIMEOUT: { code: 'request_timeout', detail: 'The request did not arrive within 10 s.' },
};

/** Bytes that are no HTTP request: nothing of ours has seen them, so the answer is written by hand. */
function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const { code, detail } = BROKEN[error.code ?? ''] ?? {
    code: 'invalid_request' as const,
    detail: 'This is not an HTTP/1.1 request.',
  };
  const { status, title } = ERROR_CODES[code];
  const body = JSON.stringify(problemOf({ code, detail, instance: newRequestId() }));
  const head = `HTTP/1.1 ${status} ${title}\r\nContent-Type: ${PROBLEM_CONTENT_TYPE}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n`;
  socket.end(head + body);
}
