import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const css = readFileSync(join(__dirname, 'tokens.css'), 'utf8').replaceAll(/[\s'"]/g, '');

function tokensOf(selector: string): ReadonlyMap<string, string> {
  const block = css.slice(css.indexOf(selector)).match(/\{([^}]*)\}/)?.[1] ?? '';
  return new Map([...block.matchAll(/--([\w-]+):(#[0-9A-Fa-f]{6})/g)].map((match) => [match[1]!, match[2]!]));
}

/** WCAG 2.2 relative luminance. */
function luminance(hex: string): number {
  const [red, green, blue] = [1, 3, 5].map((start) => {
    const channel = Number.parseInt(hex.slice(start, start + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}

function contrast(a: string, b: string): number {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light! + 0.05) / (dark! + 0.05);
}

const GROUNDS = ['bg', 'surface', 'sunken', 'hover', 'selected'];
const TEXTS = [
  'text',
  'text-2',
  'text-3',
  'accent',
  'sev-low',
  'sev-medium',
  'sev-high',
  'sev-critical',
  'out-approve',
  'out-challenge',
  'out-review',
  'out-block',
];
const TEXT_PAIRS: readonly (readonly [string, string])[] = [
  ...TEXTS.flatMap((text) => GROUNDS.map((ground) => [text, ground] as const)),
  ...['conn-ok', 'conn-warn', 'conn-down'].flatMap((text) =>
    ['bg', 'surface'].map((ground) => [text, ground] as const),
  ),
  ['out-approve', 'out-approve-bg'],
  ['out-challenge', 'out-challenge-bg'],
  ['out-review', 'out-review-bg'],
  ['out-block', 'out-block-bg'],
  ['on-block-solid', 'out-block-solid'],
  ['on-accent', 'accent'],
  ['text', 'flash'],
];
const CONTROL_PAIRS: readonly (readonly [string, string])[] = [
  ...['control', 'focus'].flatMap((control) => GROUNDS.map((ground) => [control, ground] as const)),
  ...[
    'sev-low-fill',
    'sev-medium-fill',
    'sev-high-fill',
    'sev-critical-fill',
    ...[1, 2, 3, 4, 5, 6].map((series) => `series-${series}`),
  ].flatMap((fill) => ['bg', 'surface'].map((ground) => [fill, ground] as const)),
];

describe.each([
  ['light', ':root,[data-theme=light]'],
  ['dark', '[data-theme=dark]{'],
])('the %s theme', (_name, selector) => {
  const tokens = tokensOf(selector);
  const ratioOf = ([front, ground]: readonly [string, string]): number =>
    contrast(tokens.get(front)!, tokens.get(ground)!);

  it('has every token that is asked for', () => {
    expect(tokens.size).toBeGreaterThan(40);
    expect([...TEXT_PAIRS, ...CONTROL_PAIRS].flat().filter((name) => !tokens.has(name))).toEqual([]);
  });

  it('can be read: every text stands 4.5 : 1 on every ground that it is put on', () => {
    expect(
      TEXT_PAIRS.filter((pair) => ratioOf(pair) < 4.5).map(
        (pair) => `${pair.join(' on ')} ${ratioOf(pair).toFixed(2)}`,
      ),
    ).toEqual([]);
  });

  it('can be seen: every control, ring and bar stands 3 : 1', () => {
    expect(
      CONTROL_PAIRS.filter((pair) => ratioOf(pair) < 3).map(
        (pair) => `${pair.join(' on ')} ${ratioOf(pair).toFixed(2)}`,
      ),
    ).toEqual([]);
  });
});
