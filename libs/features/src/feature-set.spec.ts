import { ENTITY_KINDS } from '@veto/domain';
import fc from 'fast-check';
import { featureSet } from './feature-set';
import { eventStreamOf } from './oracle/event-stream.oracle';
import { vectorOf } from './oracle/small-store.oracle';
import { WINDOWS } from './windows';

const { definitions, hash } = featureSet;

describe('the feature set', () => {
  it('declares at least 45 features, over every kind of entity', () => {
    expect(definitions.length).toBeGreaterThanOrEqual(45);
    expect(new Set(definitions.map(({ entity }) => entity))).toEqual(new Set([null, ...ENTITY_KINDS]));
  });

  it('names each feature once, in words and figures', () => {
    expect(new Set(definitions.map(({ name }) => name)).size).toBe(definitions.length);
    expect(definitions.filter(({ name }) => !/^[a-z]+(_[a-z0-9]+)*$/.test(name))).toEqual([]);
  });

  it('has a hash of its meaning', () => {
    expect(hash).toMatch(/^sha256:[0-9a-f]{64}$/);
  });

  it('covers the six windows', () => {
    const widths = new Set(definitions.map(({ windowMs }) => windowMs));
    expect(WINDOWS.slice(0, 6).filter(({ ms }) => !widths.has(ms))).toEqual([]);
  });
});

describe.each(definitions.map((definition) => [definition.name, definition] as const))(
  '%s',
  (name, definition) => {
    it('says in a sentence what it is, with unit, range and what is missing', () => {
      expect(definition.description).toMatch(/^[A-Z0-9].{15,}\.$/);
      expect(definition.unit).not.toBe('');
      const [min, max] = definition.range;
      expect(min === null || max === null || min < max).toBe(true);
      expect(definition.missing).not.toBe('');
    });

    it('looks back over the window that its name says, and from its own entity', () => {
      const named = WINDOWS.find((window) => name.endsWith(`_${window.name}`));
      // A share of 24 hours in 30 days looks back over the longer one.
      const widthMs =
        name === 'customer_amount_share_24h'
          ? WINDOWS.find((window) => window.name === '30d')?.ms
          : named?.ms;
      if (named !== undefined) expect(definition.windowMs).toBe(widthMs);
      expect((definition.windowMs === null) === (definition.entity === null)).toBe(true);
      if (definition.entity !== null) expect(name.startsWith(`${definition.entity}_`)).toBe(true);
    });

    it('names the personal data of its entity', () => {
      const personal = {
        card: 'card_token',
        customer: 'customer_id',
        device: 'device_token',
        ip: 'ip',
        email: 'email',
      };
      const own = Object.entries(personal).find(([kind]) => kind === definition.entity)?.[1];
      if (own !== undefined) expect(definition.derivesFrom).toContain(own);
      expect(new Set(definition.derivesFrom).size).toBe(definition.derivesFrom.length);
    });
  },
);

describe('the values of random payments', () => {
  const vectors = fc
    .sample(fc.array(fc.nat(), { maxLength: 400, size: 'max' }).map(eventStreamOf), { numRuns: 200, seed: 1 })
    .flatMap((stream) => stream.begun.map((begun) => vectorOf(begun, begun.histories).values));
  const valuesOf = (i: number): number[] => vectors.map((vector) => vector[i]!);

  it.each(definitions.map(({ name }, i) => [name, i] as const))(
    'of %s lie in its range and are missing only as declared',
    (_, i) => {
      const { range, missing } = definitions[i]!;
      const [min, max] = [range[0] ?? -Number.MAX_VALUE, range[1] ?? Number.MAX_VALUE];
      const present = valuesOf(i).filter((value) => !Number.isNaN(value));
      expect(present.filter((value) => !(value >= min && value <= max))).toEqual([]);
      if (missing === null) expect(present).toHaveLength(vectors.length);
      else expect(present.length).toBeLessThan(vectors.length);
      // A feature that always says the same would say nothing here.
      expect(new Set(present).size).toBeGreaterThan(1);
    },
  );
});
