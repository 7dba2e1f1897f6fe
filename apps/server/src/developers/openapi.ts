import {
  decisionSchema,
  ERROR_CODES,
  labelSchema,
  transactionPayloadSchema,
  type ErrorCode,
} from '@veto/domain';
import { z } from 'zod';
import { labelReplySchema } from '../scoring/labels.controller';
import { storedDecisionSchema } from '../scoring/stored-decision';
import { DECISION_EXAMPLE, LABEL_EXAMPLE, PAYMENT_EXAMPLE } from './examples';

/** A JSON document: what `GET /openapi.json` answers. */
export type OpenApiDocument = {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
} & Readonly<Record<string, unknown>>;

const health = z.strictObject({
  status: z.string(),
  version: z.string(),
  started_at: z.string().optional(),
  roles: z.array(z.string()).optional().describe('What this instance is there for'),
});

const problem = z
  .strictObject({
    type: z.string().describe('https://veto.dev/problems/<code>'),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string().describe('The id of the request; quote it when you ask for help'),
    code: z.enum(Object.keys(ERROR_CODES) as [ErrorCode, ...ErrorCode[]]),
    errors: z.array(
      z.strictObject({
        pointer: z.string().describe('JSON Pointer (RFC 6901) into the body'),
        code: z.string(),
        detail: z.string(),
      }),
    ),
  })
  .describe('RFC 9457. Never repeats a value that was sent.');

/** `io: input` leaves members with a default optional, as a caller sees them. */
function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): Readonly<Record<string, unknown>> {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io, target: 'draft-2020-12' });
  return rest;
}

function problems(...codes: ErrorCode[]): Record<string, unknown> {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of codes) {
    const { status } = ERROR_CODES[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, each]) => [
      String(status),
      {
        description: each.map((code) => `\`${code}\`: ${ERROR_CODES[code].title}.`).join(' '),
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
        ...(status === 503 || status === 429 || each.includes('in_flight')
          ? { headers: { 'Retry-After': { description: 'Seconds', schema: { type: 'integer' } } } }
          : {}),
      },
    ]),
  );
}

const json = (name: string, example?: unknown): Record<string, unknown> => ({
  'application/json': {
    schema: { $ref: `#/components/schemas/${name}` },
    ...(example !== undefined && { example }),
  },
});
const IN_BODY = [
  'invalid_request',
  'malformed_json',
  'pan_not_accepted',
  'request_timeout',
  'body_too_large',
  'unsupported_media_type',
] as const;
const WITH_KEY = [
  'unauthenticated',
  'forbidden',
  'uri_too_long',
  'headers_too_large',
  'shutting_down',
  'internal',
] as const;
const bearer = [{ apiKey: [] }];

const decisionHeaders = {
  'Idempotent-Replayed': {
    description: '`true` when this id was decided before',
    schema: { type: 'string', enum: ['true'] },
  },
  'Veto-Durability': {
    description:
      '`wal` when the decision went to the write-ahead file of the instance, since the log did not answer',
    schema: { type: 'string', enum: ['wal'] },
  },
  'Server-Timing': {
    description: 'Every stage in ms, with what comes after the decision: commit, log, total',
    schema: { type: 'string' },
  },
  'X-Request-Id': { description: 'Also `instance` of a problem', schema: { type: 'string' } },
};

function decideOperation(): Record<string, unknown> {
  return {
    operationId: 'decide',
    tags: ['Decisions'],
    summary: 'Decide about a payment',
    description:
      'Answers when the decision is durable. The same `transaction.id` gets the same bytes for ever; with another body it is refused with `transaction_id_reused`.',
    security: bearer,
    parameters: [
      {
        name: 'Idempotency-Key',
        in: 'header',
        description: 'Another name for `transaction.id`; must be the same',
        schema: { type: 'string', maxLength: 128 },
      },
      {
        name: 'X-Deadline-Ms',
        in: 'header',
        description: 'How long the decision may take; when it passes, the policy decides by amount',
        schema: { type: 'integer', minimum: 50, maximum: 2000, default: 100 },
      },
    ],
    requestBody: { required: true, content: json('Payment', PAYMENT_EXAMPLE) },
    responses: {
      '200': {
        description: 'The decision',
        headers: decisionHeaders,
        content: json('Decision', DECISION_EXAMPLE),
      },
      ...problems(
        ...IN_BODY,
        ...WITH_KEY,
        'in_flight',
        'transaction_id_reused',
        'rate_limited',
        'log_unavailable',
        'store_unavailable',
        'wrong_epoch',
      ),
    },
  };
}

function decisionPaths(): Record<string, unknown> {
  return {
    '/v1/decisions': {
      post: decideOperation(),
      get: {
        operationId: 'findDecision',
        tags: ['Decisions'],
        summary: 'Find the decision about a transaction',
        security: bearer,
        parameters: [
          {
            name: 'transaction_id',
            in: 'query',
            required: true,
            schema: { type: 'string', minLength: 1, maxLength: 128 },
          },
        ],
        responses: {
          '200': {
            description: 'The decision as it stands now, with every revision',
            content: json('StoredDecision'),
          },
          ...problems('invalid_request', 'pan_not_accepted', ...WITH_KEY, 'not_found', 'store_unavailable'),
        },
      },
    },
    '/v1/decisions/{id}': {
      get: {
        operationId: 'getDecision',
        tags: ['Decisions'],
        summary: 'Read a decision back',
        security: bearer,
        parameters: [
          { name: 'id', in: 'path', required: true, schema: { type: 'string', pattern: '^dec_' } },
        ],
        responses: {
          '200': {
            description: 'The decision as it stands now, with every revision',
            content: json('StoredDecision'),
          },
          ...problems('invalid_request', ...WITH_KEY, 'not_found', 'store_unavailable'),
        },
      },
    },
  };
}

function otherPaths(): Record<string, unknown> {
  const healthAnswer = { description: 'Yes', content: json('Health') };
  return {
    '/v1/labels': {
      post: {
        operationId: 'label',
        tags: ['Labels'],
        summary: 'Say what a payment turned out to be',
        description: 'Features see it from `reported_at` on. The same label again changes nothing.',
        security: bearer,
        requestBody: { required: true, content: json('Label', LABEL_EXAMPLE) },
        responses: {
          '201': { description: 'Durable', content: json('LabelReply') },
          '200': { description: 'Known already', content: json('LabelReply') },
          ...problems(...IN_BODY, ...WITH_KEY, 'not_found', 'log_unavailable', 'store_unavailable'),
        },
      },
    },
    '/v1/health/live': {
      get: {
        operationId: 'live',
        tags: ['Health'],
        summary: 'Is the process alive?',
        responses: { '200': healthAnswer, ...problems('internal') },
      },
    },
    '/v1/health/ready': {
      get: {
        operationId: 'ready',
        tags: ['Health'],
        summary: 'Does it take payments?',
        responses: { '200': healthAnswer, ...problems('shutting_down', 'internal') },
      },
    },
  };
}

/** OpenAPI 3.1, made from the schemas that validate. */
export function createOpenApiDocument(version: string): OpenApiDocument {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Veto',
      version,
      description:
        'Ask about a payment; get `approve`, `challenge`, `review` or `block`, with reasons, in milliseconds.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    tags: [{ name: 'Decisions' }, { name: 'Labels' }, { name: 'Health' }],
    paths: { ...decisionPaths(), ...otherPaths() } as OpenApiDocument['paths'],
    components: {
      securitySchemes: {
        apiKey: { type: 'http', scheme: 'bearer', bearerFormat: 'veto_<live|test>_<id>_<secret>' },
      },
      schemas: {
        Payment: jsonSchema(transactionPayloadSchema, 'input'),
        Decision: jsonSchema(decisionSchema, 'output'),
        StoredDecision: jsonSchema(storedDecisionSchema, 'output'),
        Label: jsonSchema(labelSchema, 'input'),
        LabelReply: jsonSchema(labelReplySchema, 'output'),
        Health: jsonSchema(health, 'output'),
        Problem: jsonSchema(problem, 'output'),
      },
    },
  };
}
