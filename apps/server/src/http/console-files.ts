import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply } from 'fastify';

/** Never pages of the console, whatever a browser accepts. */
const NOT_A_PAGE = /^\/(?:v1|desk|live|docs|assets|openapi\.json|metrics)(?:\/|$)/;
/** Vite puts a hash of the content into these names, so they never change. */
const HASHED = /[/\\]assets[/\\]/;

/** The built console: its files, and its one page for every address that the console itself routes. */
export class ConsoleFiles {
  readonly #directory: string;
  readonly exists: boolean;

  /** @param directory where the build lies; null on an instance that serves no console */
  constructor(directory: string | null) {
    this.#directory = directory ?? '';
    this.exists = directory !== null && existsSync(join(directory, 'index.html'));
  }

  async register(fastify: FastifyInstance): Promise<void> {
    if (!this.exists) return;
    await fastify.register(fastifyStatic, {
      root: this.#directory,
      wildcard: false,
      cacheControl: false,
      setHeaders: (reply, path) => {
        void reply.header(
          'cache-control',
          HASHED.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache',
        );
      },
    });
  }

  /** True for an address that a person typed or reloaded: `/queue`, `/decisions/dec_…`. */
  isPage(method: string, path: string, accept: string | undefined): boolean {
    return (
      this.exists &&
      (method === 'GET' || method === 'HEAD') &&
      (accept ?? '').includes('text/html') &&
      !NOT_A_PAGE.test(path)
    );
  }

  sendPage(reply: FastifyReply): FastifyReply {
    return reply.code(200).header('cache-control', 'no-cache').sendFile('index.html');
  }
}
