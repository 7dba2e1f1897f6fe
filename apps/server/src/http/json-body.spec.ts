import fc from 'fast-check';
import { ARRAY_LENGTH_MAX, BODY_DEPTH_MAX, readJsonBody } from './json-body';
import { Refusal } from './refusal';

const read = (text: string | Buffer, contentType = 'application/json'): unknown =>
  readJsonBody(Buffer.isBuffer(text) ? text : Buffer.from(text), contentType);

function refusalOf(text: string | Buffer, contentType?: string): Refusal {
  try {
    read(text, contentType);
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

const nested = (depth: number): string => '[1,'.repeat(depth - 1) + '[1]' + ']'.repeat(depth - 1);

describe('a body', () => {
  it('is any JSON within the limits, as JSON.parse reads it', () => {
    const shallow = fc.dictionary(
      fc.string().filter((key) => !/^(__proto__|constructor|prototype)$/.test(key)),
      fc.jsonValue({ maxDepth: 3 }),
    );
    fc.assert(
      fc.property(shallow, (value) => {
        const text = JSON.stringify(value);
        fc.pre(!/"(__proto__|constructor|prototype)":/.test(text));
        expect(read(text)).toEqual(JSON.parse(text));
      }),
      { numRuns: 500 },
    );
  });

  it(`may be ${BODY_DEPTH_MAX} levels deep and no deeper`, () => {
    expect(read(nested(BODY_DEPTH_MAX))).toBeDefined();
    expect(refusalOf(nested(BODY_DEPTH_MAX + 1)).issues[0]).toMatchObject({
      code: 'too_deep',
      pointer: '/1'.repeat(BODY_DEPTH_MAX),
    });
  });

  it('that is as deep as 32 KiB can be is refused without ado', () => {
    expect(refusalOf('['.repeat(16_000) + ']'.repeat(16_000)).code).toBe('invalid_request');
  });

  it(`may hold arrays of ${ARRAY_LENGTH_MAX} and no longer ones`, () => {
    const array = (length: number): string => JSON.stringify({ a: new Array(length).fill(0) });
    expect(read(array(ARRAY_LENGTH_MAX))).toBeDefined();
    expect(refusalOf(array(ARRAY_LENGTH_MAX + 1)).issues[0]).toMatchObject({
      code: 'too_long',
      pointer: '/a',
    });
  });

  it.each(['1e400', '-1e400', '1e99999'])('with the number %s is refused at its pointer', (number) => {
    expect(refusalOf(`{"transaction":{"amount":${number}}}`).issues).toEqual([
      { pointer: '/transaction/amount', code: 'number_out_of_range', detail: expect.any(String) as string },
    ]);
  });

  it.each(['__proto__', 'constructor', 'prototype', '\\u005f_proto__'])(
    'with a member called %s is refused, wherever it is',
    (name) => {
      expect(refusalOf(`{"metadata":{"${name}":{"polluted":true}}}`).issues[0]).toMatchObject({
        code: 'name_not_accepted',
      });
      expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    },
  );

  it.each([
    ['', 'empty'],
    ['{', 'cut short'],
    ['{"a":NaN}', 'not a number'],
    ["{'a':1}", 'other quotes'],
    ['{"a":1}{"b":2}', 'two bodies'],
    ['\u0000', 'a zero byte'],
    ['\ufeff{}', 'a byte order mark'],
  ])('%j (%s) is malformed', (text) => {
    expect(refusalOf(text).code).toBe('malformed_json');
  });

  it.each([
    [Buffer.from([0x22, 0xff, 0x22]), 'a byte that UTF-8 never has'],
    [Buffer.from([0x22, 0xc3, 0x28, 0x22]), 'a broken sequence'],
    [Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), 'half a surrogate pair'],
    [Buffer.from('{"a":"é"}', 'latin1'), 'Latin-1'],
    [Buffer.from('{"a":1}', 'utf16le'), 'UTF-16'],
  ])('%j (%s) is malformed', (bytes) => {
    expect(refusalOf(bytes).code).toBe('malformed_json');
  });

  it.each([
    'application/json; charset=utf-8',
    'application/json;charset="UTF-8"',
    'application/json; charset=utf8; x=y',
  ])('of type %s is read', (contentType) => {
    expect(read('{}', contentType)).toEqual({});
  });

  it.each([
    'application/json; charset=iso-8859-1',
    'application/json;charset=utf-16',
    'application/json; charset=',
  ])('of type %s is refused for its charset', (contentType) => {
    expect(refusalOf('{}', contentType).code).toBe('unsupported_media_type');
  });

  it('that does not parse is refused without a piece of it', () => {
    const refusal = refusalOf('{"card":4111111111111111x}');
    expect(`${refusal.message}${JSON.stringify(refusal.issues)}`).not.toContain('4111');
  });

  it('that holds a card number as a name is refused without it', () => {
    const refusal = refusalOf('{"4111111111111111":{"__proto__":1}}');
    expect(refusal.issues[0]?.pointer).toBe('/*/__proto__');
  });
});
