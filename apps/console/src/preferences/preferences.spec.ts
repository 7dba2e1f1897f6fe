import { DEFAULT_PREFERENCES, parsePreferences, ROW_HEIGHT_PX } from './preferences';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

describe('what a browser remembered', () => {
  it('is taken as it was', () => {
    const kept = { theme: 'dark', density: 'compact', singleKeys: false } as const;
    expect(parsePreferences(JSON.stringify(kept))).toEqual(kept);
  });

  it.each([null, '', '{', 'null', '[]', '"x"', '{"theme":"pink","density":7}'])(
    'is the default for %s',
    (stored) => {
      expect(parsePreferences(stored)).toEqual(DEFAULT_PREFERENCES);
    },
  );
});

describe('the height of a row', () => {
  it('is the same in the stylesheet as in the list’s arithmetic', () => {
    const css = readFileSync(join(__dirname, '../styles/tokens.css'), 'utf8').replaceAll(/[\s'"]/g, '');
    expect(css).toContain(`--row:${ROW_HEIGHT_PX.default}px`);
    expect(css).toContain(`[data-density=compact]{--row:${ROW_HEIGHT_PX.compact}px`);
    expect(css).toContain(`[data-density=comfortable]{--row:${ROW_HEIGHT_PX.comfortable}px`);
  });
});
