import type { Arrival } from '@veto/decision';
import { parseTransactionPayload, type TransactionPayload } from '@veto/domain';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { BODY_BYTES_MAX } from '../http/json-body';
import { acceptedOrRefused, Refusal } from '../http/refusal';
import type { ScoringServices } from './scoring-services';

const DEADLINE_MS_MIN = 50;
const DEADLINE_MS_MAX = 2_000;

/**
 * `POST /v1/decisions`, as a route of Fastify itself: what Nest adds to a request (guards, pipes, interceptors, an
 * observable) costs more than the decision. Errors still go to the one filter.
 */
export function installDecisionsRoute(
  fastify: FastifyInstance,
  scoring: ScoringServices,
  answerError: (error: unknown, request: FastifyRequest, reply: FastifyReply) => FastifyReply,
): void {
  fastify.route({
    method: 'POST',
    url: '/v1/decisions',
    bodyLimit: BODY_BYTES_MAX,
    handler: (request, reply) => decide(request, reply, scoring),
    errorHandler: (error, request, reply) => void answerError(error, request, reply),
  });
}

async function decide(
  request: FastifyRequest,
  reply: FastifyReply,
  scoring: ScoringServices,
): Promise<FastifyReply> {
  const { line, door, telemetry } = scoring;
  const receivedAtMs = line.clock.nowMs();
  const startedMs = line.stopwatch();
  const payload = acceptedOrRefused(parseTransactionPayload(request.body));
  refuseOtherKey(request, payload);
  const deadlineMs = deadlineOf(request);
  const { caller } = request;
  if (caller === null) throw new Refusal('unauthenticated', 'Send an active API key.');
  const arrival: Arrival = {
    tenantId: caller.tenantId,
    payload,
    receivedAtMs,
    parseMs: request.parseMs + line.stopwatch() - startedMs,
    ...(deadlineMs !== null && { deadlineMs }),
  };
  const scored = await door.score(arrival);
  if (scored.status === 'in_flight') {
    throw new Refusal('in_flight', 'This transaction is being decided at this moment; ask again.', {
      retryAfterS: 1,
    });
  }
  if (scored.status === 'transaction_id_reused') {
    const fields = scored.issues.map((issue) => issue.pointer).join(', ');
    throw new Refusal(
      'transaction_id_reused',
      `This transaction id was used with another body; it differs at ${fields}.`,
      { issues: scored.issues },
    );
  }
  telemetry.decisionMade({
    record: scored.record,
    replayed: scored.replayed,
    durability: scored.durability,
    timingsMs: scored.serverTimingMs,
    requestId: request.id,
  });
  if (scored.replayed) reply.header('idempotent-replayed', 'true');
  // The body may not know: it was fixed before the log was asked.
  if (scored.durability === 'wal') reply.header('veto-durability', 'wal');
  return reply
    .header('content-type', 'application/json; charset=utf-8')
    .header('server-timing', serverTimingOf(scored.serverTimingMs))
    .send(scored.body);
}

/** The header is another name for the transaction's id, so it cannot say something else. */
function refuseOtherKey(request: FastifyRequest, payload: TransactionPayload): void {
  const key = request.headers['idempotency-key'];
  if (key === undefined || key === payload.transaction.id) return;
  const detail = 'is not the Idempotency-Key header; leave the header out or send the same';
  throw new Refusal('invalid_request', 'Idempotency-Key and /transaction/id differ.', {
    issues: [{ pointer: '/transaction/id', code: 'idempotency_key_differs', detail }],
  });
}

/** @returns null when the caller does not say */
function deadlineOf(request: FastifyRequest): number | null {
  const header = request.headers['x-deadline-ms'];
  if (header === undefined) return null;
  const deadlineMs = typeof header === 'string' && /^\d{1,5}$/.test(header) ? Number(header) : Number.NaN;
  if (deadlineMs >= DEADLINE_MS_MIN && deadlineMs <= DEADLINE_MS_MAX) return deadlineMs;
  throw new Refusal(
    'invalid_request',
    `X-Deadline-Ms takes a whole number from ${DEADLINE_MS_MIN} to ${DEADLINE_MS_MAX}.`,
  );
}

/** RFC 9110-ish `Server-Timing`: `begin;dur=0.05, features;dur=0.11`. */
function serverTimingOf(timingsMs: Readonly<Record<string, number>>): string {
  let text = '';
  for (const stage of Object.keys(timingsMs)) {
    text += `${text === '' ? '' : ', '}${stage};dur=${Math.round((timingsMs[stage] ?? 0) * 1_000) / 1_000}`;
  }
  return text;
}
