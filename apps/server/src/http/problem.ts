import { ERROR_CODES, problemOf, VetoError, type ErrorCode, type Issue } from '@veto/domain';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Refusal } from './refusal';

export const PROBLEM_CONTENT_TYPE = 'application/problem+json; charset=utf-8';

/** What is said about an error: everything of a problem document but the request's id. */
export interface ProblemAnswer {
  readonly code: ErrorCode;
  readonly detail: string;
  readonly issues?: readonly Issue[];
  readonly retryAfterS?: number | null;
  readonly allow?: readonly string[];
}

/** Fastify's and Node's own errors, by their code. */
const OF_FRAMEWORK: Readonly<Record<string, ProblemAnswer>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: { code: 'body_too_large', detail: 'The body is larger than 32 KiB.' },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: {
    code: 'unsupported_media_type',
    detail: 'Send application/json in UTF-8.',
  },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: {
    code: 'invalid_request',
    detail: 'The body is not as long as Content-Length says.',
  },
  FST_ERR_CTP_EMPTY_JSON_BODY: { code: 'malformed_json', detail: 'The body is empty.' },
  FST_ERR_BAD_URL: { code: 'invalid_request', detail: 'The path is not a valid URL.' },
  FST_ERR_MAX_PARAM_LENGTH: { code: 'uri_too_long', detail: 'A part of the path is too long.' },
  FST_ERR_ROUTE_METHOD_NOT_SUPPORTED: { code: 'method_not_allowed', detail: 'This method is not known.' },
};

/** The same errors after Nest has put them into its own words, by status. */
const OF_STATUS: Readonly<Record<number, ProblemAnswer>> = {
  404: { code: 'not_found', detail: 'There is nothing at this path.' },
  405: { code: 'method_not_allowed', detail: 'This method is not known.' },
  408: { code: 'request_timeout', detail: 'The request did not arrive in time.' },
  413: { code: 'body_too_large', detail: 'The body is larger than 32 KiB.' },
  414: { code: 'uri_too_long', detail: 'A part of the path is too long.' },
  415: { code: 'unsupported_media_type', detail: 'Send application/json in UTF-8.' },
  431: { code: 'headers_too_large', detail: 'The headers are larger than 16 KiB.' },
};

/** @returns null when nothing is known about the error: it is our own mistake */
export function answerOf(error: unknown): ProblemAnswer | null {
  if (error instanceof Refusal) {
    return {
      code: error.code,
      detail: error.message,
      issues: error.issues,
      retryAfterS: error.retryAfterS,
      allow: error.allow,
    };
  }
  if (error instanceof VetoError) {
    const isWorld = ERROR_CODES[error.code].status === 503;
    return { code: error.code, detail: `${ERROR_CODES[error.code].title}.`, retryAfterS: isWorld ? 1 : null };
  }
  if (typeof error !== 'object' || error === null) return null;
  const { code, statusCode, status } = error as { code?: unknown; statusCode?: unknown; status?: unknown };
  if (typeof code === 'string' && Object.hasOwn(OF_FRAMEWORK, code)) return OF_FRAMEWORK[code] ?? null;
  const http = typeof statusCode === 'number' ? statusCode : status;
  if (typeof http === 'number' && Object.hasOwn(OF_STATUS, http)) return OF_STATUS[http] ?? null;
  if (typeof http === 'number' && http >= 400 && http < 500)
    return { code: 'invalid_request', detail: 'The request was refused.' };
  return null;
}

/** The one place where a problem document is sent. */
export function sendProblem(
  reply: FastifyReply,
  request: FastifyRequest,
  answer: ProblemAnswer,
): FastifyReply {
  const problem = problemOf({
    code: answer.code,
    detail: answer.detail,
    instance: request.id,
    ...(answer.issues !== undefined && { issues: answer.issues }),
  });
  reply.code(problem.status).header('content-type', PROBLEM_CONTENT_TYPE).header('cache-control', 'no-store');
  if (answer.retryAfterS != null) reply.header('retry-after', String(answer.retryAfterS));
  if (answer.allow !== undefined && answer.allow.length > 0) reply.header('allow', answer.allow.join(', '));
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer realm="veto"');
  return reply.send(JSON.stringify(problem));
}
