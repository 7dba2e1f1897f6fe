import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect } from '@playwright/test';
import { ask } from './support/ask';
import { untilDecided } from './support/decisions';
import { endingsOf, waitsText } from './support/figures';
import { judge } from './support/judge';
import { startLoad } from './support/load';
import { paymentMaker } from './support/payments';
import { scenario } from './support/scenario';

const RATE = 50;
const DISK_MB = 96;

scenario(
  {
    id: 'K7',
    title:
      'Kafka is away and the disk is full: 503 with Retry-After, nothing corrupt, and on it goes when there is room',
    asked: 'disk full for the log directory (small tmpfs)',
    here: `a tmpfs of ${DISK_MB} MB, ${RATE}/s`,
  },
  async (run) => {
    const { journal } = run;
    const disk = join(run.directory, 'score-1');
    mkdirSync(disk, { recursive: true });
    mount(disk);
    try {
      const cluster = await run.cluster({ instances: [{ name: 'score-1', roles: 'score' }] });
      const score = cluster.instance('score-1');
      const targets = [score.url];
      const load = startLoad({ targets, rate: RATE, payment: paymentMaker('k7', run.random), journal });
      await wait(3_000);
      // With Kafka there the copy cannot grow any more: payments are answered or refused, and none is lost.
      fill(disk);
      await wait(3_000);
      await cluster.kafka.kill('SIGKILL');
      await wait(3_000);
      const probe = paymentMaker('k7p', run.random)(0);
      const refused = await ask(score.url, probe.body, { timeoutMs: 15_000 });
      if (refused.status === null) throw new Error(`no answer: ${refused.error}`);
      run.say(
        `with neither: ${refused.status}, Retry-After ${String(refused.headers['retry-after'])}: ${refused.text.slice(0, 120)}`,
      );
      expect(refused.status).toBe(503);
      expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);

      rmSync(join(disk, 'filler'));
      await wait(5_000);
      await cluster.kafka.start();
      await wait(5_000);
      const payments = await load.stop();
      run.say(`${waitsText(payments)}; attempts ended ${JSON.stringify(endingsOf(payments))}`);
      // Whoever was told 503 asked again, and was answered when there was room.
      const answered = payments.filter(({ status }) => status === 200);
      expect(answered).toHaveLength(payments.length);
      await untilDecided(
        cluster.brokers,
        answered.map(({ id }) => id),
        30_000,
      );
      expect((await score.stop()).code).toBe(0);
      await score.start();
      await judge(run, cluster, ['I1', 'I2', 'I3', 'I4', 'I5', 'I9']);
      await score.kill();
    } finally {
      execFileSync('umount', ['--lazy', disk]);
    }
  },
);

function mount(directory: string): void {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MB}m`, 'tmpfs', directory], { stdio: 'pipe' });
  } catch (cause) {
    throw new Error(
      'a disk that is full needs a small tmpfs, and mounting one needs root: run this as root',
      { cause },
    );
  }
}

/** Takes every byte that is free, down to the last page. */
function fill(directory: string): void {
  const piece = Buffer.alloc(4_096);
  for (;;) {
    try {
      appendFileSync(join(directory, 'filler'), piece);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return;
      throw error;
    }
  }
}
