import type { Random } from '../random';
import type { World } from '../world/world';
import type { Errand } from './shop';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** An account is opened on the way to the till: two to twenty minutes before its first payment. */
export function signUpErrand(world: World, random: Random, atMs: number): Errand {
  const customer = world.welcomeCustomer(Math.round(atMs - random.between(2, 20) * MINUTE_MS));
  const online = customer.favourites.find(
    ({ category, hasAccounts }) => category.channel !== 'pos' && hasAccounts,
  );
  return { customer, atMs, ...(online !== undefined && { merchant: online }) };
}

/** Errands of one ordinary day, in order of time: everybody at the hours at which they are awake. */
export function errandsOfDay(
  world: World,
  random: Random,
  options: { readonly dayStartMs: number; readonly errandCount: number },
): Errand[] {
  const errands: Errand[] = [];
  while (errands.length < options.errandCount) {
    const atMs = Math.round(options.dayStartMs + random.unit() * DAY_MS);
    if (random.chance(0.03)) {
      errands.push(signUpErrand(world, random, atMs));
      continue;
    }
    const customer = world.pickCustomer(random);
    if (random.chance(world.activityOf(customer, atMs))) errands.push({ customer, atMs });
  }
  return errands.sort((a, b) => a.atMs - b.atMs);
}

/**
 * A rush: for some minutes everybody everywhere buys (a holiday, a sale), so that shops and issuers are as busy as they
 * are under attack, and nothing is wrong.
 */
export function errandsOfRush(
  world: World,
  random: Random,
  options: { readonly startMs: number; readonly lastsMs: number; readonly errandCount: number },
): Errand[] {
  const errands: Errand[] = [];
  for (let i = 0; i < options.errandCount; i++) {
    const atMs = Math.round(options.startMs + random.unit() * options.lastsMs);
    errands.push(
      random.chance(0.05)
        ? signUpErrand(world, random, atMs)
        : { customer: world.pickActiveCustomer(random, atMs), atMs },
    );
  }
  return errands.sort((a, b) => a.atMs - b.atMs);
}

/** A drop: one shop sells something that everybody wants (tickets, sneakers), most of it in the first minutes. */
export function errandsOfDrop(
  world: World,
  random: Random,
  options: { readonly startMs: number; readonly errandCount: number },
): Errand[] {
  const first = world.pickActiveCustomer(random, options.startMs);
  let merchant = world.merchants.pickFor(first.country, random);
  for (let attempt = 0; merchant.category.channel === 'pos' && attempt < 50; attempt++)
    merchant = world.merchants.pickFor(first.country, random);
  const errands: Errand[] = [];
  for (let i = 0; i < options.errandCount; i++) {
    let customer = world.pickActiveCustomer(random, options.startMs);
    for (
      let attempt = 0;
      !merchant.isGlobal && customer.country !== merchant.country && attempt < 100;
      attempt++
    )
      customer = world.pickCustomer(random);
    errands.push({
      customer,
      merchant,
      atMs: Math.round(options.startMs + random.exponential(9 * MINUTE_MS)),
    });
  }
  return errands.sort((a, b) => a.atMs - b.atMs);
}
