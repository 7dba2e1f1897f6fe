import type { Alert, Decision } from '@veto/domain';
import type { ReactElement } from 'react';
import { shownOutcome } from '../../../desk/case-actions';
import { usePendingAction } from '../../../desk/desk-context';
import { formatMoneyTitle } from '../../../format/money';
import { formatScore } from '../../../format/number';
import { plainText } from '../../../format/text';
import { CopyableId } from '../../../ui/copyable-id';
import { OutcomeChip } from '../../../ui/outcome-chip';
import { PendingChip } from '../../../ui/pending-chip';
import { SeverityMark } from '../../../ui/severity-mark';
import classes from './decision.module.css';

const SILENCE_WORDS: Readonly<Record<string, string>> = {
  histories: 'shared histories did not answer',
  model: 'the model did not answer',
  deadline: 'the deadline passed',
  log: 'the log did not answer, kept in the write-ahead file',
};

/** Who paid how much where, how risky it is and what was decided: known from the alert alone, so it is there at once. */
export function DecisionHeader(props: {
  readonly alert: Alert;
  readonly decision: Decision | undefined;
  readonly level: 1 | 2;
}): ReactElement {
  const { alert, decision, level } = props;
  const pending = usePendingAction(alert.decisionId);
  const Title = level === 1 ? 'h1' : 'h2';
  const merchant = alert.merchant?.name ?? alert.merchant?.id;
  return (
    <header className={classes['header']}>
      <div className={classes['headline']}>
        <Title className={classes['amount'] ?? ''}>
          {formatMoneyTitle(alert.amountMinor, alert.currency)}{' '}
          <span>
            {alert.currency}
            {merchant !== undefined && (
              <>
                {' '}
                · <bdi>{plainText(merchant)}</bdi>
              </>
            )}
          </span>
        </Title>
        <div className={classes['ids']}>
          <CopyableId id={alert.transactionId} what="transaction id" />
          <CopyableId id={alert.decisionId} what="decision id" />
        </div>
      </div>
      <div className={classes['verdict']}>
        <span className={classes['score']} data-testid="score">
          <SeverityMark severity={alert.severity} withWord />
          <b
            title={
              alert.score === null
                ? 'The model was silent'
                : `≈ ${Math.round(alert.score * 100)} % of payments like this one are fraud`
            }
          >
            {formatScore(alert.score)}
          </b>
        </span>
        {pending === undefined ? (
          <OutcomeChip outcome={shownOutcome(alert, pending).outcome} />
        ) : (
          <PendingChip action={pending} />
        )}
      </div>
      {decision !== undefined && decision.degraded.length > 0 && (
        <p className={classes['degraded']} data-testid="degraded">
          <span aria-hidden="true">◌</span> DEGRADED:{' '}
          {decision.degraded.map((stage) => SILENCE_WORDS[stage] ?? stage).join('; ')}
        </p>
      )}
    </header>
  );
}
