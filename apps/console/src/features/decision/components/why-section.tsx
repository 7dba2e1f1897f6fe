import type { DecisionDetail } from '@veto/domain';
import type { ReactElement } from 'react';
import { formatFeatureValue, formatTypical } from '../../../format/feature-value';
import { formatPoints, formatScore } from '../../../format/number';
import { capitalised } from '../../../format/text';
import { sumScore, type Contribution, type ScoreSum } from '../contributions';
import classes from './decision.module.css';

function Bar(props: { readonly contribution: number; readonly largest: number }): ReactElement {
  const share = props.largest === 0 ? 0 : Math.abs(props.contribution) / props.largest;
  const direction = props.contribution >= 0 ? 'raises' : 'lowers';
  return (
    <span className={classes['bar']} aria-hidden="true">
      <i data-direction={direction} style={{ width: `${Math.max(1, share * 50)}%` }} />
    </span>
  );
}

function Line(props: { readonly line: Contribution; readonly largest: number }): ReactElement {
  const { line, largest } = props;
  return (
    <tr data-testid="contribution">
      <th scope="row" title={line.name}>
        <span className={classes['sentence']}>{capitalised(line.description)}</span>
        <span className={classes['facts']}>
          <b>{formatFeatureValue(line.value, line.unit)}</b> · typical{' '}
          {formatTypical(line.typical, line.unit)}
          {line.truncated && (
            <abbr title="More happened than records are kept: the true value is at least this">
              {' '}
              · at least
            </abbr>
          )}
        </span>
      </th>
      <td>
        <Bar contribution={line.contribution} largest={largest} />
      </td>
      <td className={classes['points']}>{formatPoints(line.contribution)}</td>
    </tr>
  );
}

function SumLine({ sum }: { readonly sum: ScoreSum }): ReactElement {
  const others = sum.othersCount === null ? 'others' : `${sum.othersCount} others`;
  return (
    <p className={classes['sum']} data-testid="score-sum" data-agrees={sum.agrees}>
      base {formatScore(sum.base)} · {sum.shown.length} shown {formatPoints(sum.shownSum)} · {others}{' '}
      {formatPoints(sum.othersSum)}{' '}
      {sum.agrees ? (
        <>
          = <b>{formatScore(sum.score)}</b> ✓
        </>
      ) : (
        <>
          <b className={classes['wrong']}>≠ {formatScore(sum.score)}</b> (differs by{' '}
          {formatPoints(sum.difference)})
        </>
      )}
    </p>
  );
}

/** Every reason with the value seen, what is typical of genuine payments, and its part of the score. */
export function WhySection({ detail }: { readonly detail: DecisionDetail }): ReactElement {
  const sum = sumScore(detail);
  if (sum === null) {
    return (
      <section aria-labelledby="why">
        <h2 id="why">Why this score</h2>
        <p className={classes['meta']}>
          {detail.decision.score === null
            ? 'The model was silent: there is no score to explain.'
            : 'The model’s score was not taken apart for this payment.'}
        </p>
      </section>
    );
  }
  const largest = Math.max(...sum.shown.map(({ contribution }) => Math.abs(contribution)));
  return (
    <section aria-labelledby="why">
      <h2 id="why">
        Why this score <span>in points · typical: p10–p90 of genuine payments</span>
      </h2>
      <table className={classes['why']}>
        <thead className={classes['readOnly']}>
          <tr>
            <th scope="col">Reason</th>
            <th scope="col">Direction</th>
            <th scope="col">Points</th>
          </tr>
        </thead>
        <tbody>
          {sum.shown.map((line) => (
            <Line key={line.name} line={line} largest={largest} />
          ))}
        </tbody>
      </table>
      <SumLine sum={sum} />
    </section>
  );
}
