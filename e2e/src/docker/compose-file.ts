import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { workspaceRoot } from '@veto/testing/parts';

/** What the suites look at in a service; the rest is Docker's. */
export interface Service {
  readonly image: string;
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly secrets?: readonly string[];
  readonly profiles?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test?: readonly string[]; readonly disable?: boolean };
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly read_only?: boolean;
  readonly user?: string;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
}

export interface Composition {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
}

/** As `docker compose config` reads it: anchors merged, variables replaced by `environment` or their defaults. */
export function readComposition(
  name: string,
  environment: Readonly<Record<string, string>> = {},
): Composition {
  const text = readFileSync(join(workspaceRoot(), 'docker', name), 'utf8');
  const filled = text.replace(
    /\$\{(\w+)(?::-([^}]*))?\}/g,
    (_, variable: string, otherwise?: string) => environment[variable] ?? otherwise ?? '',
  );
  return parse(filled, { merge: true }) as Composition;
}

/** @throws Error when there is none of that name */
export function serviceOf({ services }: Composition, name: string): Service {
  const service = services[name];
  if (!service) throw new Error(`no service ${name}; there are ${Object.keys(services).join(', ')}`);
  return service;
}
