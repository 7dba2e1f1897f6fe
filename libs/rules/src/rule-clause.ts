import type { SeenValue } from '@veto/domain';

/**
 * Why a rule matched, as one line: its expression and the values that it saw.
 * @example 'card_count_10m >= 5 (value 14)'
 * @example 'amount > 300 && score > 0.2 (amount 512.5, score 0.31)'
 */
export function ruleClause(expression: string, seen: readonly SeenValue[]): string {
  const text = expression.replace(/\s+/g, ' ').trim();
  const [only, second] = seen;
  if (only === undefined) return text;
  if (second === undefined) return `${text} (value ${seenText(only.value)})`;
  return `${text} (${seen.map(({ name, value }) => `${name} ${seenText(value)}`).join(', ')})`;
}

/** Numbers to at most four decimals; a missing value is called so. */
function seenText(value: SeenValue['value']): string {
  if (value === null) return 'missing';
  return typeof value === 'number' ? String(Math.round(value * 10_000) / 10_000) : String(value);
}
