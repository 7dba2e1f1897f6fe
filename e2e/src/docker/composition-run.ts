import { join } from 'node:path';
import { GuardedProcess } from '@veto/testing/parts';
import { type BuiltImage } from './built-image';
import { serviceOf, type Composition } from './compose-file';
import { type StartForeign } from './foreign-images';
import { Places } from './places';
import { runCommand, type Ended } from './run-command';

const READY_WITHIN_MS = 90_000;

/** Runs the services of a composition as processes of this machine, by their own commands and environments. */
export class CompositionRun {
  private readonly running = new Map<string, GuardedProcess>();

  private constructor(
    private readonly composition: Composition,
    private readonly image: BuiltImage,
    readonly places: Places,
  ) {}

  static async of(composition: Composition, image: BuiltImage, directory: string): Promise<CompositionRun> {
    return new CompositionRun(composition, image, await Places.of(composition, directory));
  }

  /** `http://127.0.0.1:<port>` of a server. */
  urlOf(service: string): string {
    return `http://127.0.0.1:${this.places.portOf(8080, service)}`;
  }

  /** Starts a server by the image's entry point, and waits until the image's health check says so. */
  async startServer(service: string): Promise<void> {
    const [program = '', ...args] = this.image.entrypoint;
    const log = join(this.places.directory, `${service}.log`);
    const server = await GuardedProcess.start(program, args, log, this.placeOf(service));
    this.running.set(service, server);
    await server.waitUntil(async () => (await this.checkHealth(service)).code === 0, READY_WITHIN_MS);
  }

  async startForeign(service: string, start: StartForeign): Promise<void> {
    this.running.set(service, await start(this.composition, this.places));
  }

  /** Runs a service of Veto's image to its end. @param args in place of its command */
  async run(service: string, args?: readonly string[]): Promise<Ended> {
    const { entrypoint = this.image.entrypoint, command = [] } = serviceOf(this.composition, service);
    return runCommand([...entrypoint, ...(args ?? command)], this.placeOf(service));
  }

  /** The image's health check, as Docker asks it. */
  async checkHealth(service: string): Promise<Ended> {
    return runCommand(this.image.healthcheck, this.placeOf(service));
  }

  /** SIGTERM. @returns ms until it was gone */
  async stop(service: string): Promise<number> {
    const startedAtMs = performance.now();
    await this.running.get(service)?.signal('SIGTERM');
    return performance.now() - startedAtMs;
  }

  logOf(service: string): string {
    return this.running.get(service)?.log() ?? '';
  }

  /** Kills whatever runs. */
  async end(): Promise<void> {
    for (const process of this.running.values()) if (process.isRunning) await process.signal('SIGKILL');
  }

  /** A container listens on all its interfaces; a process of this machine on loopback, on ports of its own. */
  private placeOf(service: string): { cwd: string; environment: Record<string, string> } {
    const { volumes } = serviceOf(this.composition, service);
    const ofPlace = {
      HOST: '127.0.0.1',
      PORT: String(this.places.portOf(8080, service)),
      METRICS_PORT: String(this.places.portOf(9464, service)),
      ...(volumes && { VETO_DATA_DIR: this.places.pathOf(service, '/data') }),
    };
    return {
      cwd: join(this.image.root, this.image.workingDirectory),
      environment: { ...this.image.environment, ...this.places.environmentOf(service), ...ofPlace },
    };
  }
}
