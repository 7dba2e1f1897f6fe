import type { DecisionDetail } from '@veto/domain';
import type { ReactElement } from 'react';
import { plainText } from '../../../format/text';
import classes from './decision.module.css';

type Rule = DecisionDetail['decision']['rules'][number];
type Seen = DecisionDetail['ruleHits'][number]['seen'];

function valueText(value: unknown): string {
  if (value === null || value === undefined) return 'missing';
  if (typeof value === 'number') return String(Math.round(value * 10_000) / 10_000);
  return typeof value === 'string' ? plainText(value) : JSON.stringify(value);
}

function effectOf(rule: Rule): string {
  if (rule.error !== null) return 'could not be evaluated';
  if (rule.mode === 'shadow') return `would ${rule.effect}`;
  if (rule.deciding) return 'decided';
  return 'no effect';
}

function RuleLine({ rule, seen }: { readonly rule: Rule; readonly seen: Seen }): ReactElement {
  return (
    <li
      className={classes['rule']}
      data-mode={rule.mode}
      data-deciding={rule.deciding || undefined}
      data-testid="rule-hit"
    >
      <span className={classes['ruleGlyph']} aria-hidden="true">
        {rule.error !== null ? '▲' : rule.mode === 'shadow' ? '░' : '✓'}
      </span>
      <div>
        <b>{rule.name}</b> → {rule.effect.toUpperCase()}{' '}
        <em>
          {rule.mode === 'shadow' ? 'shadow, ' : ''}
          {effectOf(rule)}
        </em>
        <div className={classes['facts']}>
          <code title={rule.id}>
            {rule.id} v{rule.version}
          </code>
          {seen.map(({ name, value }) => (
            <span key={name}>
              {' '}
              · {name} = <b>{valueText(value)}</b>
            </span>
          ))}
          {rule.error !== null && <span> · {rule.error}</span>}
        </div>
      </div>
    </li>
  );
}

/** What decided, then every rule that spoke, in shadow or not, with the values that it saw at decision time. */
export function RulesSection({ detail }: { readonly detail: DecisionDetail }): ReactElement {
  const { rules, lists, decided_by: decidedBy } = detail.decision;
  const shadowCount = rules.filter(({ mode }) => mode === 'shadow').length;
  const seenBy = new Map(detail.ruleHits.map(({ id, seen }) => [id, seen]));
  const sorted = rules.toSorted(
    (a, b) =>
      Number(b.deciding) - Number(a.deciding) || Number(a.mode === 'shadow') - Number(b.mode === 'shadow'),
  );
  return (
    <section aria-labelledby="rules">
      <h2 id="rules">
        Rules hit ({rules.length - shadowCount} of {detail.rulesEvaluated}){' '}
        {shadowCount > 0 && <span>{shadowCount} in shadow</span>}
      </h2>
      <p className={classes['clause']} data-testid="deciding-clause">
        Decided by {decidedBy.kind}: <b>{plainText(decidedBy.clause)}</b>
      </p>
      {sorted.length > 0 && (
        <ul className={classes['rules']}>
          {sorted.map((rule) => (
            <RuleLine key={`${rule.id} ${rule.version}`} rule={rule} seen={seenBy.get(rule.id) ?? []} />
          ))}
        </ul>
      )}
      {lists.length > 0 && (
        <>
          <h3>Lists</h3>
          <ul className={classes['rules']}>
            {lists.map((hit) => (
              <li key={hit.entry_id} className={classes['rule']} data-testid="list-hit">
                <span className={classes['ruleGlyph']} aria-hidden="true">
                  ▭
                </span>
                <div>
                  <b>{hit.kind}</b> is on the {hit.effect} list · {plainText(hit.reason)}
                </div>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}
