/**
 * Veto on a Kafka and a Redis of its own, against the bare stack: `npm run bench -- cluster [--quick]`
 *   [--profile=DIRECTORY]  processor profiles of one more round of the stream loops
 *   [--filling=N] [--payments=N] [--rounds=N]  other sizes
 *   [--only=stream,rebuild,door]  the last two need the first's data, and are measured after it
 */
import { mkdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { measureDoor } from './door';
import { printFigure, type Figure } from './figures';
import { FILLING_COUNT, Timeline } from './payments';
import { measureMemoryLine } from './memory-line';
import { measureRebuild } from './rebuild';
import { openStand } from './stand';
import { measureStreamLoop, TRIES } from './stream-loop';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    profile: { type: 'string' },
    filling: { type: 'string' },
    payments: { type: 'string' },
    rounds: { type: 'string' },
    only: { type: 'string', default: 'stream,rebuild,door' },
  },
});
const { quick, profile } = values;
const only = values.only.split(',');
if (profile !== undefined) mkdirSync(profile, { recursive: true });
const fillingCount = Number(values.filling ?? (quick ? 2_000 : FILLING_COUNT));
const paymentCount = Number(values.payments ?? (quick ? 1_000 : 10_000));
const rounds = Number(values.rounds ?? (quick ? 1 : 5));
const door = quick ? { rates: [100], seconds: 2, rounds: 1 } : { rates: [100, 500], seconds: 10, rounds: 3 };
const requestCount = door.rates.reduce((sum, rate) => sum + rate, 0) * door.seconds * (door.rounds + 1) * 2;
const timeline = new Timeline({
  fillingCount,
  measuredCount: (TRIES * rounds + 1) * paymentCount + requestCount,
});
// The parts keep nobody alive.
const alive = setInterval(() => undefined, 60_000);
const stand = await openStand();
const figures: Figure[] = [];
const show = (figure: Figure): void => {
  figures.push(figure);
  printFigure(figure);
};
try {
  const profiles = profile ?? null;
  (await measureStreamLoop(stand, { fillingCount, paymentCount, rounds, timeline, profiles })).forEach(show);
  show(await measureMemoryLine({ fillingCount, paymentCount, rounds }));
  if (only.includes('rebuild')) show(await measureRebuild(stand));
  if (only.includes('door')) {
    const filledCount = fillingCount + paymentCount * rounds;
    (await measureDoor(stand, { ...door, filledCount, timeline })).forEach(show);
  }
  console.log(JSON.stringify({ bench: 'cluster', figures }));
} finally {
  await stand.stop();
  clearInterval(alive);
}
