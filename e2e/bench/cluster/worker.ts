import { fork, type ChildProcess } from 'node:child_process';

/** A program of the bench that runs beside it, and the messages that it sends. */
export class Worker {
  readonly #child: ChildProcess;
  readonly #name: string;
  #waiting: { readonly event: string; readonly resolve: (message: WorkerMessage) => void }[] = [];
  #early: WorkerMessage[] = [];
  #onExit: (error: Error) => void = () => undefined;
  /** Rejects when it ends although nobody stopped it. */
  readonly #ended: Promise<never>;
  #isStopping = false;

  /** @param program built, in `dist/bench` */
  constructor(name: string, program: string, plan: unknown) {
    this.#name = name;
    this.#child = fork(`dist/bench/${program}.mjs`, [JSON.stringify(plan)], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#ended = new Promise((_, reject) => (this.#onExit = reject));
    this.#ended.catch(() => undefined);
    this.#child.once('exit', (code, signal) => {
      if (!this.#isStopping) this.#onExit(new Error(`${name} ended: ${String(code ?? signal)}`));
    });
    this.#child.on('message', (message: WorkerMessage) => {
      const at = this.#waiting.findIndex(({ event }) => event === message.event);
      if (at < 0) this.#early.push(message);
      else this.#waiting.splice(at, 1)[0]!.resolve(message);
    });
  }

  send(message: string | object): void {
    this.#child.send(message);
  }

  /** The next message of this kind. @throws Error when the program ends first */
  next(event: string): Promise<WorkerMessage> {
    const at = this.#early.findIndex((message) => message.event === event);
    if (at >= 0) return Promise.resolve(this.#early.splice(at, 1)[0]!);
    const message = new Promise<WorkerMessage>((resolve) => this.#waiting.push({ event, resolve }));
    return Promise.race([message, this.#ended]);
  }

  /** Asks it to end, and kills it when it does not. */
  async stop(ask?: string): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#isStopping = true;
    const gone = new Promise<void>((resolve) => this.#child.once('exit', () => resolve()));
    if (ask === undefined) this.#child.kill('SIGKILL');
    else this.#child.send(ask);
    const impatience = setTimeout(() => {
      console.error(`${this.#name} does not end, and is killed`);
      this.#child.kill('SIGKILL');
    }, 30_000);
    await gone;
    clearTimeout(impatience);
  }
}

export interface WorkerMessage {
  readonly event: string;
  readonly [member: string]: unknown;
}
