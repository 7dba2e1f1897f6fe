import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query, Req } from '@nestjs/common';
import {
  caseActionSchema,
  findPans,
  issuesOf,
  type AlertPage,
  type CaseState,
  type DecisionDetail,
  type Parsed,
  type QueueSnapshot,
} from '@veto/domain';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { acceptedOrRefused, Refusal } from '../http/refusal';
import { decisionDetailOf } from './decision-detail';
import { DESK, type DeskServices } from './desk-services';
import type { Session } from './sessions';

const ALERT_PAGE_COUNT_MAX = 500;

const versionSchema = z.strictObject({ expected_version: z.int().min(0) });
const pageSchema = z.strictObject({
  after: z.coerce.number().int().min(-1).default(-1),
  limit: z.coerce.number().int().min(1).max(ALERT_PAGE_COUNT_MAX).default(200),
});

/** A note may hold anything an analyst types, but never a card number. */
function parse<T>(schema: z.ZodType<T>, input: unknown): Parsed<T> {
  const pans = findPans(input);
  if (pans.length > 0) return { ok: false, code: 'pan_not_accepted', issues: pans };
  const parsed = schema.safeParse(input);
  return parsed.success
    ? { ok: true, value: parsed.data }
    : { ok: false, code: 'invalid_request', issues: issuesOf(parsed.error) };
}

/** The console's REST interface: reading the queue, and acting on it. */
@Controller('desk')
export class DeskController {
  readonly #desk: DeskServices;

  constructor(@Inject(DESK) desk: DeskServices) {
    this.#desk = desk;
  }

  @Get('queue')
  queue(@Req() request: FastifyRequest): QueueSnapshot {
    return this.#desk.source.snapshot(sessionOf(request).analyst.tenant);
  }

  @Get('alerts')
  alerts(@Req() request: FastifyRequest, @Query() query: unknown): Promise<AlertPage> {
    return this.#desk.source.page(
      sessionOf(request).analyst.tenant,
      acceptedOrRefused(parse(pageSchema, query)),
    );
  }

  @Get('decisions/:id')
  async decision(@Req() request: FastifyRequest, @Param('id') id: string): Promise<DecisionDetail> {
    const { reader, view, featureSet, scorer } = this.#desk;
    const { tenant } = sessionOf(request).analyst;
    const story = (await reader.byId(tenant, id)) ?? (await reader.byTransaction(tenant, id));
    if (story === null) throw new Refusal('not_found', 'There is no such decision or payment.');
    const state = await view.caseOf(tenant, story.record.decision.id);
    return decisionDetailOf({ story, state, featureSet, scorer });
  }

  @Post('cases/:decisionId/actions')
  @HttpCode(200)
  act(
    @Req() request: FastifyRequest,
    @Param('decisionId') decisionId: string,
    @Body() body: unknown,
  ): Promise<CaseState> {
    return this.#desk.cases.act(
      sessionOf(request).analyst,
      decisionId,
      acceptedOrRefused(parse(caseActionSchema, body)),
    );
  }

  @Post('cases/:decisionId/undo')
  @HttpCode(200)
  undo(
    @Req() request: FastifyRequest,
    @Param('decisionId') decisionId: string,
    @Body() body: unknown,
  ): Promise<CaseState> {
    return this.#desk.cases.undo(sessionOf(request).analyst, decisionId, expectedVersion(body));
  }

  @Post('cases/:decisionId/claim')
  @HttpCode(200)
  claim(
    @Req() request: FastifyRequest,
    @Param('decisionId') decisionId: string,
    @Body() body: unknown,
  ): Promise<CaseState> {
    return this.#desk.cases.claim(sessionOf(request).analyst, decisionId, expectedVersion(body));
  }

  @Post('cases/:decisionId/release')
  @HttpCode(200)
  release(
    @Req() request: FastifyRequest,
    @Param('decisionId') decisionId: string,
    @Body() body: unknown,
  ): Promise<CaseState> {
    return this.#desk.cases.release(sessionOf(request).analyst, decisionId, expectedVersion(body));
  }
}

function expectedVersion(body: unknown): number {
  return acceptedOrRefused(parse(versionSchema, body)).expected_version;
}

function sessionOf(request: FastifyRequest): Session {
  if (request.session === null)
    throw new Refusal('unauthenticated', 'There is no session; sign in at the desk.');
  return request.session;
}
