import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Telemetry } from '../telemetry/telemetry';
import type { ConsoleFiles } from './console-files';
import { answerOf, sendProblem } from './problem';
import type { RouteTable } from './route-table';

/** Whatever goes wrong, in a controller, in a hook or in Fastify itself, becomes a problem document here. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  readonly #telemetry: Telemetry;
  readonly #routes: RouteTable;
  readonly #console: ConsoleFiles;

  constructor(parts: {
    readonly telemetry: Telemetry;
    readonly routes: RouteTable;
    readonly console: ConsoleFiles;
  }) {
    this.#telemetry = parts.telemetry;
    this.#routes = parts.routes;
    this.#console = parts.console;
  }

  catch(error: unknown, host: ArgumentsHost): FastifyReply {
    const http = host.switchToHttp();
    return this.answer(error, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }

  /** For routes of Fastify itself. */
  readonly answer = (error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const answer = answerOf(error);
    if (answer === null) {
      this.#telemetry.requestFailed(request.id, error);
      return sendProblem(reply, request, {
        code: 'internal',
        detail: 'The mistake is ours and was recorded under this id.',
      });
    }
    if (answer.code === 'not_found' && request.routeOptions.url === undefined)
      return this.#answerUnknownPath(request, reply);
    if (answer.code !== 'not_found') this.#telemetry.requestRefused(request.id, answer.code);
    return sendProblem(reply, request, answer);
  };

  /** A page of the console, a method that the path does not know, or nothing. */
  #answerUnknownPath(request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const path = request.url.split('?', 1)[0] ?? '';
    const allow = this.#routes.methodsAt(path);
    if (allow.length > 0) {
      this.#telemetry.requestRefused(request.id, 'method_not_allowed');
      return sendProblem(reply, request, {
        code: 'method_not_allowed',
        detail: `This path takes ${allow.join(', ')}.`,
        allow,
      });
    }
    if (this.#console.isPage(request.method, path, request.headers.accept))
      return this.#console.sendPage(reply);
    this.#telemetry.requestRefused(request.id, 'not_found');
    return sendProblem(reply, request, { code: 'not_found', detail: 'There is nothing at this path.' });
  }
}
