import { invariant } from '@veto/domain';
import type { RouteOptions } from 'fastify';
import type { Role } from '../keys/analyst-ring';
import type { Scope } from '../keys/key-ring';

/** Who may call a route. */
export type Access =
  | { readonly kind: 'public' }
  | { readonly kind: 'key'; readonly scope: Scope }
  /** `change` also asks for the header that another site's page cannot send. */
  | { readonly kind: 'desk'; readonly role: Role; readonly change: boolean };

export const PUBLIC: Access = { kind: 'public' };
const desk = (role: Role, change: boolean): Access => ({ kind: 'desk', role, change });

/** Every route of the API and who may call it. A route that is not here stops the start: nothing is open by accident. */
export const ROUTE_ACCESS: Readonly<Record<string, Access>> = {
  'POST /v1/decisions': { kind: 'key', scope: 'decide' },
  'GET /v1/decisions': { kind: 'key', scope: 'read' },
  'GET /v1/decisions/:id': { kind: 'key', scope: 'read' },
  'POST /v1/labels': { kind: 'key', scope: 'label' },
  'GET /v1/health/live': PUBLIC,
  'GET /v1/health/ready': PUBLIC,
  'GET /openapi.json': PUBLIC,
  // Whoever holds no session yet asks here for one.
  'GET /desk/session': PUBLIC,
  'POST /desk/session': PUBLIC,
  'DELETE /desk/session': desk('viewer', true),
  'GET /desk/queue': desk('viewer', false),
  'GET /desk/alerts': desk('viewer', false),
  'GET /desk/decisions/:id': desk('viewer', false),
  'POST /desk/cases/:decisionId/actions': desk('analyst', true),
  'POST /desk/cases/:decisionId/undo': desk('analyst', true),
  'POST /desk/cases/:decisionId/claim': desk('analyst', true),
  'POST /desk/cases/:decisionId/release': desk('analyst', true),
};

/** Paths of files that anybody may read: the console and the reference page. */
const FILE_PATH = /^\/(?:docs(?:\/.*)?|assets\/.*|[\w-]+(?:\.[\w-]+)+)?$/;

/** The routes that are served, as they were registered. */
export class RouteTable {
  readonly #methods = new Map<string, Set<string>>();
  readonly #patterns: { readonly path: string; readonly pattern: RegExp }[] = [];

  /** @throws InvariantError when nobody said who may call it */
  add(route: Pick<RouteOptions, 'method' | 'url'>): void {
    for (const method of [route.method].flat()) {
      const access = this.accessOf(method, route.url);
      invariant(access !== null, `route ${method} ${route.url}: ROUTE_ACCESS does not say who may call it`);
      let methods = this.#methods.get(route.url);
      if (methods === undefined) {
        methods = new Set();
        this.#methods.set(route.url, methods);
        this.#patterns.push({ path: route.url, pattern: patternOf(route.url) });
      }
      methods.add(method);
    }
  }

  /** @returns null when nothing was said about it */
  accessOf(method: string, url: string): Access | null {
    const key = `${method === 'HEAD' ? 'GET' : method} ${url}`;
    if (Object.hasOwn(ROUTE_ACCESS, key)) return ROUTE_ACCESS[key] ?? null;
    return (method === 'GET' || method === 'HEAD') && FILE_PATH.test(url) ? PUBLIC : null;
  }

  /** Methods that a path knows, for `Allow`; empty when there is no such path. */
  methodsAt(path: string): readonly string[] {
    const found = this.#patterns.find(({ pattern }) => pattern.test(path));
    return found === undefined ? [] : [...(this.#methods.get(found.path) ?? [])].sort();
  }

  /** `METHOD path`, sorted: for the test that holds the document against it. */
  get routes(): readonly string[] {
    return [...this.#methods]
      .flatMap(([path, methods]) => [...methods].map((method) => `${method} ${path}`))
      .sort();
  }
}

function patternOf(url: string): RegExp {
  const source = url
    .replace(/[.+?^${}()|[\]\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/:[A-Za-z]+/g, '[^/]+');
  return new RegExp(`^${source}$`);
}
