import type { Alert } from '@veto/domain';
import type { ReactElement } from 'react';
import { useDesk, usePendingAction } from '../../../desk/desk-context';
import { formatDuration } from '../../../format/time';
import { useNow } from '../../../ui/use-now';
import classes from './decision.module.css';

/** Says that somebody else decided or is at it; silent while the alert is free. */
export function CaseStrip({ alert }: { readonly alert: Alert }): ReactElement | null {
  const desk = useDesk();
  const pending = usePendingAction(alert.decisionId);
  useNow();
  const { status, decidedBy, outcome, claimedBy, claimedUntilMs } = alert.case;
  if (pending !== undefined) return null;
  if (status !== 'open') {
    const name = decidedBy === desk.me ? 'You' : (decidedBy ?? 'Somebody');
    return (
      <p className={classes['strip']} data-testid="case-strip">
        {name} decided <b>{(outcome ?? alert.outcome).toUpperCase()}</b>.{' '}
        {status === 'closed'
          ? 'The effect has left; Shift+A, B or C decides anew, with a reason.'
          : 'The effect has not left yet.'}
      </p>
    );
  }
  if (desk.claimedByOther(alert) === null) return null;
  const leftMs = (claimedUntilMs ?? 0) - desk.clock.now();
  return (
    <p className={classes['strip']} data-testid="case-strip">
      <b>{claimedBy}</b> is working on this payment · free in {formatDuration(leftMs)} at the latest
    </p>
  );
}
