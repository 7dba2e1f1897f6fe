import type { ReactElement } from 'react';
import { QUEUE_ALERT_COUNT_MAX, type QueueView } from '../../../desk/queue-store';
import { formatCount } from '../../../format/number';
import { KeyCap } from '../../../ui/key-cap';
import classes from './new-items-bar.module.css';

/** What the bar says; empty when there is nothing to take. */
export function newItemsText(
  view: Pick<QueueView, 'heldCount' | 'heldCriticalCount' | 'letGoCount' | 'decidedCount'>,
): string {
  const { heldCount, heldCriticalCount, letGoCount, decidedCount } = view;
  if (letGoCount > 0) {
    return `Show ${formatCount(QUEUE_ALERT_COUNT_MAX)}+ new · the most urgent of ${formatCount(heldCount + letGoCount)}`;
  }
  const critical = heldCriticalCount > 0 ? ` · ${formatCount(heldCriticalCount)} critical` : '';
  if (heldCount > 0) return `Show ${formatCount(heldCount)} new${critical}`;
  return decidedCount > 0 ? `Clear ${formatCount(decidedCount)} decided` : '';
}

/** A row in the flow, always as high: what comes in never pushes what is being read. */
export function NewItemsBar({
  view,
  onShow,
}: {
  readonly view: QueueView;
  readonly onShow: () => void;
}): ReactElement {
  const text = newItemsText(view);
  if (text === '') {
    return (
      <div className={classes['bar']} data-testid="new-items-bar" data-count={0}>
        {view.follow ? 'Following: new alerts take their place at once' : 'Up to date: new alerts wait here'}
      </div>
    );
  }
  return (
    <button
      type="button"
      className={classes['bar']}
      onClick={onShow}
      data-testid="new-items-bar"
      data-count={view.heldCount}
      data-active
    >
      <span aria-hidden="true">↑</span> {text} <KeyCap keys="." />
    </button>
  );
}
