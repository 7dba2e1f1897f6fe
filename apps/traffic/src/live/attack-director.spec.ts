import { PATTERNS, type Pattern } from '../payment';
import { randomOf } from '../random';
import { World } from '../world/world';
import { AttackDirector, type LiveAttack } from './attack-director';
import { pastOf } from './prologue';

const START_MS = Date.UTC(2026, 7, 24, 10);

async function aWorld(): Promise<World> {
  const world = new World({
    seed: 5,
    customerCount: 20_000,
    merchantCount: 300,
    regularCount: 1_200,
    originMs: START_MS - 40 * 86_400_000,
  });
  await pastOf(world, { nowMs: START_MS, runId: 'run' });
  return world;
}

interface Begun {
  readonly atMs: number;
  readonly attack: LiveAttack;
}

function attacksOn(world: World, minutes: number, paymentCountMax: number): Begun[] {
  const director = new AttackDirector({ world, runId: 'run', startMs: START_MS, paymentCountMax });
  const seconds = Array.from({ length: minutes * 60 }, (_, second) => START_MS + second * 1_000);
  return seconds.flatMap((atMs) => director.attacksAt(atMs).map((attack) => ({ atMs, attack })));
}

describe('attacks on live traffic', () => {
  let world: World;
  let attacks: readonly Begun[];

  beforeAll(async () => {
    world = await aWorld();
    attacks = attacksOn(world, 15, 120);
  }, 60_000);

  it('begin within the first half minute', () => {
    expect(attacks[0]!.atMs - START_MS).toBeLessThanOrEqual(30_000);
  });

  it('follow each other after 20 to 60 seconds, now and then two at once', () => {
    const starts = [...new Set(attacks.map(({ atMs }) => atMs))];
    const pausesMs = starts.slice(1).map((atMs, index) => atMs - starts[index]!);
    // Looked at once a second.
    expect(Math.min(...pausesMs)).toBeGreaterThanOrEqual(20_000);
    expect(Math.max(...pausesMs)).toBeLessThanOrEqual(61_000);
    expect(starts.length).toBeLessThan(attacks.length);
  });

  it('go through every pattern', () => {
    expect(new Set<Pattern>(attacks.map(({ attack }) => attack.pattern))).toEqual(new Set(PATTERNS));
  });

  it('are over within a minute, whatever they take in life, in order of time', () => {
    for (const { atMs, attack } of attacks) {
      const times = attack.drafts.map((draft) => draft.atMs);
      expect(times).toEqual([...times].sort((a, b) => a - b));
      expect(times[0]).toBe(atMs);
      expect(attack.endsAtMs - atMs).toBeLessThanOrEqual(60_000);
    }
  });

  it('have no more payments than the rate can bear', () => {
    const sizes = attacksOn(world, 10, 8).map(({ attack }) => attack.drafts.length);
    expect(Math.max(...sizes)).toBe(8);
  });
});

describe('the past of a world', () => {
  it('leaves the present as it was: the regulars are few again', async () => {
    const world = await aWorld();
    world.regularShare = 0.1;
    const random = randomOf(1, 'test');
    const picked = Array.from({ length: 2_000 }, () => world.pickCustomer(random).number);
    const share = picked.filter((number) => number < 1_200).length / picked.length;
    // A tenth by their share, and 1 200 of 20 000 by chance.
    expect(share).toBeGreaterThan(0.1);
    expect(share).toBeLessThan(0.3);
  });
});
