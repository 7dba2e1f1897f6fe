import { HISTORY_RECORD_BYTES, HISTORY_SEQ_OFFSET, type FeatureDefinition } from '@veto/domain';
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { featureSet } from './feature-set';
import { RECORD_FLAGS, RECORD_OFFSETS } from './record-codec';
import { WINDOWS } from './windows';

const README = resolve(__dirname, '../README.md');
const BEGIN = '<!-- begin: features -->';
const END = '<!-- end: features -->';

function rangeOf({ range: [min, max] }: FeatureDefinition): string {
  if (min === null && max === null) return 'any';
  return max === null ? `≥ ${min}` : `${min} … ${max}`;
}

function rowOf(definition: FeatureDefinition): string {
  const { name, description, unit, windowMs, missing, derivesFrom } = definition;
  const window = WINDOWS.find(({ ms }) => ms === windowMs)?.name ?? '–';
  return `| \`${name}\` | ${description} | ${unit} | ${window} | ${rangeOf(definition)} | ${missing ?? 'never'} | ${derivesFrom.join(', ') || '–'} |`;
}

const table = [
  BEGIN,
  `${featureSet.definitions.length} features, in the order in which a model takes them.`,
  '',
  '| feature | what it is | unit | window | range | missing (NaN) when | personal data |',
  '|---|---|---|---|---|---|---|',
  ...featureSet.definitions.map(rowOf),
  END,
].join('\n');

describe('the README', () => {
  const text = readFileSync(README, 'utf8');

  it('holds the table of features as the code declares them', () => {
    const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END) + END.length];
    if (process.env['UPDATE_GOLDEN'] === '1')
      writeFileSync(README, text.slice(0, begin) + table + text.slice(end));
    expect(readFileSync(README, 'utf8')).toContain(table);
  });

  it('says where each field of a record begins', () => {
    for (const [field, offset] of Object.entries(RECORD_OFFSETS)) {
      if (field !== 'transaction') expect(text).toMatch(new RegExp(`^\\| ${offset} \\|.*\`${field}\``, 'm'));
    }
    expect(text).toMatch(new RegExp(`^\\| ${HISTORY_SEQ_OFFSET} \\|.*\`seq\``, 'm'));
    expect(text).toContain(`${HISTORY_RECORD_BYTES} bytes`);
  });

  it('names every flag', () => {
    for (const [flag, mask] of Object.entries(RECORD_FLAGS))
      expect(text).toContain(`${Math.log2(mask)} \`${flag}\``);
  });
});
