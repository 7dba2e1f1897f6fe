import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, workspaceRoot } from '@veto/testing/parts';
import { serviceOf, type Composition } from './compose-file';

/** Ports by which services find each other, with whatever host stands before them. */
const SHARED_PORTS = /(?:\b(?:kafka|redis)|127\.0\.0\.1|0\.0\.0\.0)?:(9092|9093|9094|6379|8083)\b/g;
const SECRETS = '/run/secrets/';

/** Puts what containers have for themselves — ports, volumes, secrets — side by side on one machine. */
export class Places {
  private readonly ports = new Map<string, number>();

  private constructor(
    private readonly composition: Composition,
    /** For volumes and secrets. */
    readonly directory: string,
  ) {}

  static async of(composition: Composition, directory: string): Promise<Places> {
    const places = new Places(composition, directory);
    const own = Object.keys(composition.services).flatMap((name) => [`${name}:8080`, `${name}:9464`]);
    for (const key of [':9092', ':9093', ':9094', ':6379', ':8083', ...own])
      places.ports.set(key, await freePort());
    return places;
  }

  /** Where a port is found; the first two of a service are its own, all others are there once. */
  portOf(port: 8080 | 9464, service: string): number;
  portOf(port: 6379 | 8083 | 9092): number;
  portOf(port: number, service = ''): number {
    const found = this.ports.get(`${service}:${port}`);
    if (found === undefined) throw new Error(`${service}:${port}: no such port`);
    return found;
  }

  /** Where a path of a container lies: in a volume, in a folder of the workspace, or among the secrets. */
  pathOf(service: string, path: string): string {
    if (path.startsWith(SECRETS)) return this.secretFile(path.slice(SECRETS.length));
    const volumes = (serviceOf(this.composition, service).volumes ?? []).map((volume) => volume.split(':'));
    const [from = '', at = '', mode] = volumes.find(([, each = ' ']) => path.startsWith(each)) ?? [];
    if (at === '') throw new Error(`${service}: no volume holds ${path}`);
    const root =
      mode === 'ro' ? join(workspaceRoot(), 'docker', from) : join(this.directory, 'volumes', from);
    mkdirSync(root, { recursive: true });
    return join(root, path.slice(at.length));
  }

  /** By the name of the file that the composition takes it from. */
  secretFile(name: string): string {
    const file = this.composition.secrets[name]?.file;
    if (file === undefined) throw new Error(`no secret ${name}`);
    return join(this.directory, file);
  }

  /** A word of a command or a value of the environment, as it must read here. */
  placed(service: string, word: string): string {
    if (word.startsWith('/')) return this.pathOf(service, word);
    return word.replace(SHARED_PORTS, (_, port: string) => `127.0.0.1:${this.ports.get(`:${port}`) ?? port}`);
  }

  environmentOf(service: string): Record<string, string> {
    const entries = Object.entries(serviceOf(this.composition, service).environment ?? {});
    return Object.fromEntries(entries.map(([name, value]) => [name, this.placed(service, String(value))]));
  }
}
