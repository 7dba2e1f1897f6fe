/** `npm run bench -- cluster [--quick] [--profile DIRECTORY]`: Veto on a Kafka and a Redis of its own, against the bare stack. */
import { mkdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { measureDoor } from './door';
import { printFigure, type Figure } from './figures';
import { FILLING_COUNT } from './payments';
import { measureRebuild } from './rebuild';
import { openStand } from './stand';
import { measureStreamLoop } from './stream-loop';

const { values } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, profile: { type: 'string' } },
});
const { quick, profile } = values;
if (profile !== undefined) mkdirSync(profile, { recursive: true });
const fillingCount = quick ? 2_000 : FILLING_COUNT;
const [paymentCount, rounds] = quick ? [1_000, 1] : [10_000, 5];
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
  (await measureStreamLoop(stand, { fillingCount, paymentCount, rounds, profiles })).forEach(show);
  show(await measureRebuild(stand));
  const filledCount = fillingCount + paymentCount * (rounds + (profiles === null ? 0 : 1));
  const door = quick ? { rate: 100, seconds: 2, rounds: 1 } : { rate: 500, seconds: 10, rounds: 5 };
  (await measureDoor(stand, { ...door, filledCount })).forEach(show);
  console.log(JSON.stringify({ bench: 'cluster', figures }));
} finally {
  await stand.stop();
  clearInterval(alive);
}
