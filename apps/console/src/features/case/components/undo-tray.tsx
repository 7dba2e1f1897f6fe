import { useEffect, type ReactElement } from 'react';
import type { PendingAction } from '../../../desk/case-actions';
import { useCaseActions, useDesk } from '../../../desk/desk-context';
import { rowTextOf } from '../../../desk/row-text';
import { KeyCap } from '../../../ui/key-cap';
import { OutcomeChip } from '../../../ui/outcome-chip';
import { useSecondsLeft } from '../../../ui/pending-chip';
import classes from './undo-tray.module.css';

/** Shown one by one; more are summed up. */
const SHOWN_COUNT = 3;
const RING_RADIUS = 9;
const RING_LENGTH = 2 * Math.PI * RING_RADIUS;
/** How often what can no longer be undone leaves the tray, ms. */
const SETTLE_INTERVAL_MS = 500;

/** The seconds that are left, as a number and as a ring that shrinks in steps: nothing here is animated. */
function Ring({
  secondsLeft,
  windowSeconds,
}: {
  readonly secondsLeft: number;
  readonly windowSeconds: number;
}): ReactElement {
  const share = Math.min(1, secondsLeft / Math.max(1, windowSeconds));
  return (
    <svg
      className={classes['ring']}
      viewBox="0 0 24 24"
      width="24"
      height="24"
      role="img"
      aria-label={`${secondsLeft} seconds left`}
    >
      <circle cx="12" cy="12" r={RING_RADIUS} stroke="var(--border)" />
      <circle
        cx="12"
        cy="12"
        r={RING_RADIUS}
        stroke="var(--accent)"
        strokeDasharray={`${share * RING_LENGTH} ${RING_LENGTH}`}
        transform="rotate(-90 12 12)"
      />
      <text x="12" y="15.5">
        {secondsLeft}
      </text>
    </svg>
  );
}

function UndoItem({
  action,
  isLatest,
}: {
  readonly action: PendingAction;
  readonly isLatest: boolean;
}): ReactElement {
  const desk = useDesk();
  const secondsLeft = useSecondsLeft(action.effectiveAtMs);
  const text = rowTextOf(action.alert);
  return (
    <li className={classes['item']} data-testid="undo-item" data-id={action.alert.decisionId}>
      <Ring secondsLeft={secondsLeft} windowSeconds={desk.session.undoWindowMs / 1000} />
      <span className={classes['what']}>
        <OutcomeChip outcome={action.outcome} /> {text.amount}
        <small>
          <bdi>{text.merchant}</bdi>
          {action.blockCard && ' · card blocked too'}
        </small>
      </span>
      <button
        type="button"
        onClick={() => desk.actions.undo(action.alert.decisionId)}
        disabled={action.phase === 'undoing'}
        data-testid="undo"
        aria-label={`Undo ${action.outcome} of ${text.amount}`}
      >
        {action.phase === 'undoing' ? 'Undoing…' : 'Undo'}{' '}
        {isLatest && action.phase !== 'undoing' && <KeyCap keys="z" />}
      </button>
    </li>
  );
}

/** Decisions whose effect has not left yet, the latest first. */
export function UndoTray(): ReactElement | null {
  const desk = useDesk();
  const { pending } = useCaseActions();
  useEffect(() => {
    const timer = setInterval(() => desk.actions.settle(desk.me), SETTLE_INTERVAL_MS);
    return () => clearInterval(timer);
  }, [desk]);
  if (pending.size === 0) return null;
  const latestFirst = [...pending.values()].reverse();
  const hiddenCount = latestFirst.length - SHOWN_COUNT;
  return (
    <section className={classes['tray']} aria-label="Undo" data-testid="undo-tray" data-count={pending.size}>
      <ul>
        {latestFirst.slice(0, SHOWN_COUNT).map((action, index) => (
          <UndoItem key={action.alert.decisionId} action={action} isLatest={index === 0} />
        ))}
      </ul>
      {latestFirst.length > 1 && (
        <button
          type="button"
          className={classes['all']}
          onClick={() => desk.actions.undoAll()}
          data-testid="undo-all"
        >
          Undo all {latestFirst.length} {hiddenCount > 0 && `(${hiddenCount} not shown)`}
        </button>
      )}
    </section>
  );
}
