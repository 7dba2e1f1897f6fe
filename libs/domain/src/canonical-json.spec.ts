import fc from 'fast-check';
import { canonicalJson } from './canonical-json';

/** The same value with the members of its objects in another order. */
function reordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reordered);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, member]) => [key, reordered(member)]),
  );
}

describe('canonical JSON', () => {
  it('sorts members by code unit and has no white space', () => {
    expect(canonicalJson({ b: [1, 'x', null], a: { d: true, C: 0.5 } })).toBe(
      '{"a":{"C":0.5,"d":true},"b":[1,"x",null]}',
    );
  });

  it('has one form for texts that look the same', () => {
    expect(canonicalJson('Caf\u0065\u0301')).toBe(canonicalJson('Caf\u00e9'));
  });

  it('leaves out what is undefined', () => {
    expect(canonicalJson({ a: undefined, b: 1 })).toBe('{"b":1}');
  });

  it('does not depend on the order of members, and reads back as what it was', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value);
        expect(canonicalJson(reordered(value))).toBe(text);
        expect(canonicalJson(JSON.parse(text))).toBe(text);
      }),
    );
  });

  it.each([
    ['NaN', NaN, 'canonical JSON cannot hold NaN'],
    ['infinity', Infinity, 'canonical JSON cannot hold Infinity'],
    ['a big integer', 1n, 'canonical JSON cannot hold a bigint'],
    ['undefined', undefined, 'canonical JSON cannot hold a undefined'],
  ])('cannot hold %s', (_, value, message) => {
    expect(() => canonicalJson(value)).toThrow(new TypeError(message));
  });
});
