import { Button, Modal } from '@mantine/core';
import { useRef, type ReactElement } from 'react';
import type { Conflict } from '../../../desk/case-actions';
import { useDesk } from '../../../desk/desk-context';
import { rowTextOf } from '../../../desk/row-text';
import { plainText, shortenId } from '../../../format/text';
import { formatClock, formatDuration } from '../../../format/time';
import { copyText } from '../../../ui/copyable-id';
import { OutcomeChip } from '../../../ui/outcome-chip';
import { useNow } from '../../../ui/use-now';
import classes from './dialogs.module.css';

/** Somebody was faster: who, what, when, and what happens to the own choice. Nothing typed is lost. */
export function ConflictDialog({ conflict }: { readonly conflict: Conflict }): ReactElement {
  const desk = useDesk();
  const safeChoice = useRef<HTMLButtonElement>(null);
  useNow();
  const { alert, mine, theirs } = conflict;
  const text = rowTextOf(alert);
  const decidedAtMs = theirs.decidedAtMs;
  const theirName =
    theirs.decidedBy === desk.me ? 'You, elsewhere' : (theirs.decidedBy ?? theirs.claimedBy ?? 'Somebody');
  const accept = (): void => {
    desk.actions.closeConflict();
    desk.selectNext();
  };
  return (
    <Modal
      opened
      onClose={() => desk.actions.closeConflict()}
      title="Decision already made"
      centered
      size="lg"
      transitionProps={{ duration: 0 }}
      closeButtonProps={{ 'aria-label': 'Close' }}
      data-testid="conflict-dialog"
    >
      <p className={classes['subject']}>
        <code title={alert.decisionId}>{shortenId(alert.decisionId)}</code> {text.amount} ·{' '}
        <bdi>{text.merchant}</bdi>
        {desk.session.mode === 'demo' && <span className={classes['demo']}>DEMO DATA</span>}
      </p>
      <dl className={classes['sides']}>
        <div>
          <dt>{theirName}</dt>
          <dd>
            <OutcomeChip outcome={theirs.outcome ?? alert.outcome} /> {theirs.reason ?? ''}
            {decidedAtMs !== null &&
              ` · ${formatClock(decidedAtMs)} (${formatDuration(desk.clock.now() - decidedAtMs)} ago)`}{' '}
            · v{theirs.version}
          </dd>
        </div>
        <div>
          <dt>You</dt>
          <dd>
            <OutcomeChip outcome={mine.outcome} /> {mine.reason} · not sent · v{mine.version}
          </dd>
        </div>
      </dl>
      {mine.note !== '' && (
        <p className={classes['kept']}>
          Your note is kept: “<bdi>{plainText(mine.note)}</bdi>”{' '}
          <Button size="compact-xs" variant="default" onClick={() => void copyText(mine.note, 'note')}>
            Copy
          </Button>
        </p>
      )}
      <div className={classes['choices']}>
        <Button ref={safeChoice} data-autofocus onClick={accept} data-testid="conflict-accept">
          Accept theirs, next
        </Button>
        <Button variant="default" onClick={() => desk.actions.closeConflict()}>
          Stay on this payment
        </Button>
      </div>
    </Modal>
  );
}
