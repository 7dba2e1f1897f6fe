import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { marginOf, parseTreeEnsemble } from './tree-ensemble';

const TEXT = readFileSync(join(__dirname, 'testdata/tiny-gbt/trees.json'), 'utf8');

function changed(change: (json: Record<string, unknown>) => void): string {
  const json: Record<string, unknown> = JSON.parse(TEXT);
  change(json);
  return JSON.stringify(json);
}

function withElement(name: string, at: number, value: unknown): string {
  return changed((json) => {
    (json[name] as unknown[])[at] = value;
  });
}

describe('trees.json', () => {
  it('is read as the trainer wrote it', () => {
    const trees = parseTreeEnsemble('trees.json', TEXT);
    expect(trees.featureCount).toBe(8);
    expect(trees.roots).toHaveLength(12);
    expect(marginOf(trees, new Float64Array(8))).toBeLessThan(0);
  });

  it.each([
    ['is no JSON', '{', 'trees.json is not JSON'],
    ['is no object', '[]', 'trees.json: expected an object, got []'],
    [
      'has another format',
      changed((json) => (json['format'] = 'v2')),
      'trees.json: expected format veto-trees.v1, got v2',
    ],
    [
      'lacks its base',
      changed((json) => delete json['base_margin']),
      'trees.json: base_margin expected a number, got undefined',
    ],
    [
      'lacks an array',
      changed((json) => delete json['left']),
      'trees.json: left expected an array, got undefined',
    ],
    ['holds a text', withElement('value', 1, 'x'), 'trees.json: value[1] expected a finite number, got "x"'],
    ['loops', withElement('left', 0, 0), 'trees.json: node 0 has two parents'],
    ['points outside', withElement('left', 0, 1e6), 'trees.json: node 1000000 does not exist'],
    ['asks for an unknown feature', withElement('feature', 0, 8), 'trees.json: feature[0] is 8; there are 8'],
    ['has a node without weight', withElement('cover', 0, 0), 'trees.json: cover[0] expected above 0, got 0'],
    ['forgets a tree', changed((json) => (json['roots'] as number[]).pop()), 'belongs to no tree'],
    [
      'turns the ranking around',
      changed((json) => (json['platt'] = { a: -1, b: 0 })),
      'platt.a expected above 0, got -1',
    ],
    [
      'has arrays of different lengths',
      changed((json) => (json['value'] as number[]).push(0)),
      'trees.json: value expected ',
    ],
  ])('is refused when it %s', (_, text, sentence) => {
    expect(() => parseTreeEnsemble('trees.json', text)).toThrow(
      expect.objectContaining({ code: 'model_rejected', message: expect.stringContaining(sentence) }),
    );
  });
});
