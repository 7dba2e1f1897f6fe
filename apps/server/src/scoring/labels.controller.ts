import { Body, Controller, Inject, Post, Req, Res } from '@nestjs/common';
import { recordLabel } from '@veto/decision';
import { parseLabel } from '@veto/domain';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { acceptedOrRefused, Refusal } from '../http/refusal';
import { tenantOf } from './decisions.controller';
import { SCORING, type ScoringServices } from './scoring-services';

/** The reply to a label. */
export const labelReplySchema = z.strictObject({
  object: z.literal('label'),
  transaction_id: z.string(),
  status: z
    .enum(['recorded', 'duplicate'])
    .describe('duplicate: this very label was recorded before; nothing changed'),
});
export type LabelReply = z.infer<typeof labelReplySchema>;

/** What payments turned out to be. */
@Controller('v1/labels')
export class LabelsController {
  readonly #scoring: ScoringServices;

  constructor(@Inject(SCORING) scoring: ScoringServices) {
    this.#scoring = scoring;
  }

  /** 201 when it is durable, 200 when it was known already. */
  @Post()
  async record(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Body() body: unknown,
  ): Promise<LabelReply> {
    const label = acceptedOrRefused(parseLabel(body));
    const tenantId = tenantOf(request);
    const { line, telemetry } = this.#scoring;
    const { status } = await recordLabel(line, { tenantId, label, receivedAtMs: line.clock.nowMs() });
    telemetry.labelRecorded({
      tenantId,
      verdict: label.label,
      source: label.source,
      status,
      requestId: request.id,
    });
    if (status === 'not_found')
      throw new Refusal('not_found', 'No decision was made about this transaction.');
    reply.code(status === 'recorded' ? 201 : 200);
    return { object: 'label', transaction_id: label.transaction_id, status };
  }
}
