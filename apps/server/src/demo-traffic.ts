import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { DEMO_API_KEY } from './keys/demo-key';
import type { Telemetry } from './telemetry/telemetry';

const LAST_LINES_LENGTH_MAX = 2_000;
/** It stops at SIGTERM at once; if it does not, it is ended, after this many ms. */
const KILL_AFTER_MS = 2_000;

export interface DemoTrafficOptions {
  /** The built `apps/traffic`. */
  readonly program: string;
  readonly url: string;
  readonly rate: number;
  readonly seed: number;
  readonly telemetry: Telemetry;
}

/** Payments of invented people, and frauds among them, sent by a process of their own through the merchant's SDK. */
export class DemoTraffic {
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;
  #isStopping = false;
  #lastLines = '';

  /** @returns null when there is nothing to run */
  static start(options: DemoTrafficOptions): DemoTraffic | null {
    if (options.rate === 0) return null;
    if (!existsSync(options.program)) {
      options.telemetry.warned('there is no demo traffic: apps/traffic is not built');
      return null;
    }
    return new DemoTraffic(options);
  }

  private constructor({ program, url, rate, seed, telemetry }: DemoTrafficOptions) {
    const args = [program, 'live', '--url', url, '--rate', String(rate), '--seed', String(seed)];
    this.#child = spawn(process.execPath, args, {
      env: { PATH: process.env['PATH'] ?? '', VETO_API_KEY: DEMO_API_KEY },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#lastLines = (this.#lastLines + text).slice(-LAST_LINES_LENGTH_MAX);
      });
    }
    this.#exited = new Promise((resolve) => {
      this.#child.once('error', () => resolve());
      this.#child.once('exit', (code, signal) => {
        if (!this.#isStopping)
          telemetry.trafficEnded({
            code,
            signal,
            lastLines: this.#lastLines.trim().split('\n').slice(-3).join(' | '),
          });
        resolve();
      });
    });
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), KILL_AFTER_MS);
    await this.#exited;
    clearTimeout(timer);
  }
}
