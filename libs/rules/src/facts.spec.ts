import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { aTransaction } from '@veto/testing';
import { paymentFacts } from './facts';

describe('the facts of a payment', () => {
  it.each(paymentFacts.map((fact) => [fact.name, fact] as const))(
    '%s is in the README with its type and description',
    (name, fact) => {
      const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8');
      expect(readme).toContain(`| \`${name}\` | ${fact.type} | ${fact.description} |`);
    },
  );

  it('are of their declared type, or missing', () => {
    const subject = { transaction: aTransaction(), listHits: [] };
    for (const { name, type, read } of paymentFacts) {
      const value = read(subject);
      const isOfType = Array.isArray(value)
        ? type === 'list<string>'
        : typeof value === (type === 'double' ? 'number' : type === 'bool' ? 'boolean' : 'string');
      expect([name, value === undefined || isOfType]).toEqual([name, true]);
    }
  });

  it('do not hold an e-mail address', () => {
    const subject = { transaction: aTransaction(), listHits: [] };
    expect(JSON.stringify(paymentFacts.map(({ read }) => read(subject)))).not.toContain('anna@');
  });
});
