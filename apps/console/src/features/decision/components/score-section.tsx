import type { DecisionDetail } from '@veto/domain';
import type { ReactElement } from 'react';
import { formatScore } from '../../../format/number';
import { bandsOf } from '../contributions';
import classes from './decision.module.css';

/** A band narrower than this share of the bar has no room for its word. */
const WORD_FROM_WIDTH = 0.17;
const LETTER_FROM_WIDTH = 0.05;

function bandLabel(outcome: string, width: number): string {
  if (width >= WORD_FROM_WIDTH) return outcome.toUpperCase();
  return width >= LETTER_FROM_WIDTH ? outcome.charAt(0).toUpperCase() : '';
}

/** Where this score lies between the outcomes that are cheapest for this amount. */
export function ThresholdBand({ detail }: { readonly detail: DecisionDetail }): ReactElement {
  const { policy, score } = detail.decision;
  const bands = bandsOf(policy.thresholds);
  const sentence = bands
    .filter(({ from }) => from > 0)
    .map(({ outcome, from }) => `${outcome} ≥ ${formatScore(from)}`)
    .join(' · ');
  return (
    <div className={classes['bandBlock']}>
      <div
        className={classes['band']}
        role="img"
        aria-label={`Score ${formatScore(score)}; ${sentence === '' ? 'approve at any score' : sentence}`}
        data-testid="threshold-band"
      >
        {bands.map(({ outcome, from, to }) => (
          <span
            key={outcome}
            data-outcome={outcome}
            style={{ flexGrow: to - from }}
            title={`${outcome} ${formatScore(from)}–${formatScore(to)}`}
          >
            {bandLabel(outcome, to - from)}
          </span>
        ))}
        {score !== null && <i style={{ left: `${Math.min(99.5, score * 100)}%` }} />}
      </div>
      <p className={classes['meta']}>
        {sentence === '' ? 'Policy approves this amount at any score' : `For this amount: ${sentence}`}
      </p>
    </div>
  );
}
