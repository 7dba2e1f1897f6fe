import { Body, Controller, Delete, Get, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import { issuesOf, UNDO_WINDOW_MS, type DeskSession } from '@veto/domain';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { isLoopback } from '../configuration';
import { refuseForeignChange } from '../http/gate';
import { Refusal } from '../http/refusal';
import type { Analyst } from '../keys/analyst-ring';
import { DESK, type DeskServices } from './desk-services';
import { SignInBackoff } from './sign-in-backoff';

const signInSchema = z.strictObject({ token: z.string().min(1).max(512) });

/** Signing in and out. A demo signs its analyst in by itself, to loopback addresses only. */
@Controller('desk/session')
export class SessionController {
  readonly #desk: DeskServices;
  readonly #backoff: SignInBackoff;

  constructor(@Inject(DESK) desk: DeskServices) {
    this.#desk = desk;
    this.#backoff = new SignInBackoff();
  }

  @Get()
  session(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): DeskSession {
    reply.header('cache-control', 'no-store');
    const { sessions, clock, demoAnalyst } = this.#desk;
    const session = sessions.find(request.headers.cookie, clock.nowMs());
    if (session !== null) return this.#answer(session.analyst);
    if (
      demoAnalyst === null ||
      !isLoopback(request.socket.remoteAddress ?? '') ||
      isFromAnotherSite(request)
    ) {
      throw new Refusal('unauthenticated', 'There is no session; sign in with your token.');
    }
    reply.header('set-cookie', sessions.open(demoAnalyst, clock.nowMs()));
    return this.#answer(demoAnalyst);
  }

  @Post()
  @HttpCode(200)
  signIn(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Body() body: unknown,
  ): DeskSession {
    refuseForeignChange(request);
    const parsed = signInSchema.safeParse(body);
    if (!parsed.success)
      throw new Refusal('invalid_request', 'Send {"token": "…"}.', { issues: issuesOf(parsed.error) });
    const nowMs = this.#desk.clock.nowMs();
    const address = request.socket.remoteAddress ?? '';
    const waitS = this.#backoff.waitS(address, nowMs);
    if (waitS > 0)
      throw new Refusal('rate_limited', 'Too many tokens that are nobody’s; wait.', { retryAfterS: waitS });
    const analyst = this.#desk.analysts.analystOf(parsed.data.token);
    if (analyst === null) {
      this.#backoff.failed(address, nowMs);
      throw new Refusal('unauthenticated', 'This token is nobody’s.');
    }
    reply.header('cache-control', 'no-store');
    reply.header('set-cookie', this.#desk.sessions.open(analyst, nowMs));
    return this.#answer(analyst);
  }

  @Delete()
  @HttpCode(204)
  signOut(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): void {
    reply.header('set-cookie', this.#desk.sessions.end(request.headers.cookie));
  }

  #answer(analyst: Analyst): DeskSession {
    const { mode, version } = this.#desk;
    const { id, name, role } = analyst;
    return { analyst: { id, name, role }, mode, version, undoWindowMs: UNDO_WINDOW_MS };
  }
}

function isFromAnotherSite(request: FastifyRequest): boolean {
  const site = request.headers['sec-fetch-site'];
  return site === 'cross-site' || site === 'same-site';
}
