import { Controller, Get, Inject, Param, Query, Req } from '@nestjs/common';
import { findPans, issuesOf, type TenantId } from '@veto/domain';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Refusal } from '../http/refusal';
import { SCORING, type ScoringServices } from './scoring-services';
import { storedDecisionOf, type StoredDecision } from './stored-decision';

const querySchema = z.strictObject({ transaction_id: z.string().min(1).max(128) });

/** Reading decisions back: as they stand now, with every revision. Another tenant's id is not found, like one that never was. */
@Controller('v1/decisions')
export class DecisionsController {
  readonly #scoring: ScoringServices;

  constructor(@Inject(SCORING) scoring: ScoringServices) {
    this.#scoring = scoring;
  }

  @Get()
  async byTransaction(@Req() request: FastifyRequest, @Query() query: unknown): Promise<StoredDecision> {
    if (findPans(query).length > 0) throw new Refusal('pan_not_accepted', 'The query holds a card number.');
    const parsed = querySchema.safeParse(query);
    if (!parsed.success) {
      throw new Refusal('invalid_request', 'Ask with ?transaction_id=…', { issues: issuesOf(parsed.error) });
    }
    const story = await this.#scoring.reader.byTransaction(tenantOf(request), parsed.data.transaction_id);
    if (story === null) throw new Refusal('not_found', 'No decision was made about this transaction.');
    return storedDecisionOf(story);
  }

  @Get(':id')
  async byId(@Req() request: FastifyRequest, @Param('id') id: string): Promise<StoredDecision> {
    const story = await this.#scoring.reader.byId(tenantOf(request), id);
    if (story === null) throw new Refusal('not_found', 'There is no such decision.');
    return storedDecisionOf(story);
  }
}

export function tenantOf(request: FastifyRequest): TenantId {
  if (request.caller === null) throw new Refusal('unauthenticated', 'Send an active API key.');
  return request.caller.tenantId;
}
