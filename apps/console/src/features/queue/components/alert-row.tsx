import type { Alert } from '@veto/domain';
import { memo, type CSSProperties, type ReactElement } from 'react';
import { shownOutcome, type PendingAction } from '../../../desk/case-actions';
import { rowTextOf } from '../../../desk/row-text';
import { whoLabel } from '../../../format/text';
import { formatInstant } from '../../../format/time';
import { OutcomeChip } from '../../../ui/outcome-chip';
import { SeverityMark } from '../../../ui/severity-mark';
import { PendingChip } from '../../../ui/pending-chip';
import classes from './alert-grid.module.css';

interface AlertRowProps {
  readonly alert: Alert;
  readonly pending: PendingAction | undefined;
  readonly isSelected: boolean;
  /** True for a moment after somebody changed the case. */
  readonly isFresh: boolean;
  readonly me: string;
  /** 1-based, of all rows with the header. */
  readonly rowIndex: number;
  readonly offsetPx: number;
}

export function rowElementId(decisionId: string): string {
  return `row-${decisionId}`;
}

function who(alert: Alert, me: string): { readonly short: string; readonly long: string } {
  const { decidedBy, claimedBy, status } = alert.case;
  const name = status === 'open' ? claimedBy : decidedBy;
  if (name === null) return { short: '', long: '' };
  return {
    short: whoLabel(name, me),
    long: status === 'open' ? `${name} is working on it` : `${name} decided`,
  };
}

/** One alert. The slot is recycled when the list scrolls; everything that tells one row from another is a property. */
export const AlertRow = memo(function AlertRow(props: AlertRowProps): ReactElement {
  const { alert, pending, isSelected, isFresh, me, rowIndex, offsetPx } = props;
  const text = rowTextOf(alert);
  const { outcome } = shownOutcome(alert, pending);
  const person = who(alert, me);
  const style: CSSProperties = { transform: `translateY(${offsetPx}px)` };
  return (
    <div
      role="row"
      id={rowElementId(alert.decisionId)}
      className={classes['row']}
      style={style}
      aria-rowindex={rowIndex}
      aria-selected={isSelected}
      data-testid="queue-row"
      data-id={alert.decisionId}
      data-transaction-id={alert.transactionId}
      data-outcome={outcome}
      data-status={pending === undefined ? alert.case.status : pending.phase}
      data-pending={pending !== undefined || undefined}
      data-focused={isSelected || undefined}
    >
      {isFresh && <span key={alert.case.version} className={classes['flash']} aria-hidden="true" />}
      <span role="gridcell" className={classes['severity']}>
        <SeverityMark severity={alert.severity} />
      </span>
      <time
        role="gridcell"
        className={classes['time']}
        dateTime={new Date(alert.decidedAtMs).toISOString()}
        title={formatInstant(alert.decidedAtMs)}
      >
        {text.time}
      </time>
      <span role="gridcell" className={classes['score']}>
        {text.score}
      </span>
      <span role="gridcell" className={classes['amount']}>
        {text.amount}
      </span>
      <span role="gridcell" className={classes['outcome']}>
        {pending === undefined ? <OutcomeChip outcome={outcome} /> : <PendingChip action={pending} />}
      </span>
      <span role="gridcell" className={classes['card']}>
        {text.card}
      </span>
      <span role="gridcell" className={classes['reason']} title={`${text.reason} · ${text.merchant}`}>
        {alert.degraded && (
          <abbr className={classes['degraded']} title="Degraded: a stage was silent">
            ◌
          </abbr>
        )}
        <bdi>{text.reason}</bdi>
        {text.merchant !== '' && (
          <span className={classes['merchant']}>
            · <bdi>{text.merchant}</bdi>
          </span>
        )}
      </span>
      <span role="gridcell" className={classes['who']} title={person.long}>
        {person.short}
      </span>
    </div>
  );
});
