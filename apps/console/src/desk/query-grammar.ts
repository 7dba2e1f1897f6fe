import { OUTCOMES, SEVERITIES, majorAmount, type Alert, type Outcome, type Severity } from '@veto/domain';

/** What the list is narrowed to: `score>=65 outcome:review,block severity:critical amount>=100 currency:EUR -merchant:nordsport 4242`. */
export interface AlertQuery {
  readonly outcomes: readonly Outcome[];
  readonly severities: readonly Severity[];
  /** In points, [0, 100]; null = any, and only null lets alerts without a score through. */
  readonly scoreFrom: number | null;
  /** In major units of the payment's own currency; null = any. */
  readonly amountFrom: number | null;
  /** `field:value` terms; `isNot` for those with a minus. */
  readonly fields: readonly { readonly field: QueryField; readonly value: string; readonly isNot: boolean }[];
  /** Words that must be somewhere in the alert. */
  readonly words: readonly string[];
}

export const QUERY_FIELDS = ['merchant', 'card', 'bin', 'brand', 'currency', 'reason', 'id'] as const;
export type QueryField = (typeof QUERY_FIELDS)[number];

export const EMPTY_QUERY: AlertQuery = {
  outcomes: [],
  severities: [],
  scoreFrom: null,
  amountFrom: null,
  fields: [],
  words: [],
};

/** Terms read, at most; a pasted page of text is not a filter. */
const TERM_COUNT_MAX = 20;

function isOneOf<T extends string>(value: string, all: readonly T[]): value is T {
  return (all as readonly string[]).includes(value);
}

/** Text → query. Total: a term that is not understood is a word to look for, so that nothing typed is ignored. */
export function parseQuery(text: string): AlertQuery {
  const terms = text.match(/-?[a-z]+:"[^"]*"|"[^"]*"|\S+/gi) ?? [];
  return terms.slice(0, TERM_COUNT_MAX).reduce(withTerm, EMPTY_QUERY);
}

function withTerm(query: AlertQuery, term: string): AlertQuery {
  const number = /^(score|amount)>=(\d+(?:\.\d+)?)$/i.exec(term);
  if (number !== null) {
    const value = Number(number[2]);
    return number[1]!.toLowerCase() === 'score'
      ? { ...query, scoreFrom: Math.min(100, value) }
      : { ...query, amountFrom: value };
  }
  const pair = /^(-?)([a-z]+):(.+)$/i.exec(term);
  if (pair === null) return { ...query, words: [...query.words, unquoted(term)] };
  const [, minus, name, raw] = pair as unknown as [string, string, string, string];
  const field = name.toLowerCase();
  const value = unquoted(raw);
  if (field === 'outcome' && minus === '')
    return { ...query, outcomes: union(query.outcomes, value, OUTCOMES) };
  if (field === 'severity' && minus === '')
    return { ...query, severities: union(query.severities, value, SEVERITIES) };
  if (isOneOf(field, QUERY_FIELDS))
    return { ...query, fields: [...query.fields, { field, value, isNot: minus === '-' }] };
  return { ...query, words: [...query.words, term] };
}

function unquoted(text: string): string {
  return text.replaceAll('"', '');
}

function union<T extends string>(known: readonly T[], value: string, all: readonly T[]): readonly T[] {
  const asked = value.toLowerCase().split(',');
  return all.filter((each) => known.includes(each) || asked.includes(each));
}

/** Query → its one canonical text; `parseQuery` of it is the same query. Empty for a query that lets everything through. */
export function formatQuery(query: AlertQuery): string {
  const quoted = (value: string): string => (/\s/.test(value) ? `"${value}"` : value);
  return [
    ...(query.outcomes.length > 0 ? [`outcome:${query.outcomes.join(',')}`] : []),
    ...(query.severities.length > 0 ? [`severity:${query.severities.join(',')}`] : []),
    ...(query.scoreFrom !== null ? [`score>=${query.scoreFrom}`] : []),
    ...(query.amountFrom !== null ? [`amount>=${query.amountFrom}`] : []),
    ...query.fields.map(({ field, value, isNot }) => `${isNot ? '-' : ''}${field}:${quoted(value)}`),
    ...query.words.map(quoted),
  ].join(' ');
}

function fieldText(alert: Alert, field: QueryField): string {
  switch (field) {
    case 'merchant':
      return `${alert.merchant?.name ?? ''} ${alert.merchant?.id ?? ''}`;
    case 'card':
      return alert.card?.last4 ?? '';
    case 'bin':
      return alert.card?.bin ?? '';
    case 'brand':
      return alert.card?.brand ?? '';
    case 'currency':
      return alert.currency;
    case 'reason':
      return alert.topReason;
    case 'id':
      return `${alert.decisionId} ${alert.transactionId}`;
  }
}

/** Everything of an alert that a word is looked for in, in lower case. */
export function searchText(alert: Alert): string {
  return QUERY_FIELDS.map((field) => fieldText(alert, field))
    .join(' ')
    .toLowerCase();
}

/** Query → test. Made once per query, run over every alert. */
export function matcherOf(query: AlertQuery): (alert: Alert) => boolean {
  const words = query.words.map((word) => word.toLowerCase());
  const fields = query.fields.map((term) => ({ ...term, value: term.value.toLowerCase() }));
  return (alert) => {
    if (query.outcomes.length > 0 && !query.outcomes.includes(alert.outcome)) return false;
    if (query.severities.length > 0 && !query.severities.includes(alert.severity)) return false;
    if (query.scoreFrom !== null && (alert.score === null || alert.score * 100 < query.scoreFrom))
      return false;
    if (query.amountFrom !== null && majorAmount(alert.amountMinor, alert.currency) < query.amountFrom)
      return false;
    if (
      fields.some(
        ({ field, value, isNot }) => fieldText(alert, field).toLowerCase().includes(value) === isNot,
      )
    )
      return false;
    if (words.length === 0) return true;
    const text = searchText(alert);
    return words.every((word) => text.includes(word));
  };
}
