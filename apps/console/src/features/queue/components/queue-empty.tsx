import { Button } from '@mantine/core';
import type { ReactElement } from 'react';
import { useCounts } from '../../../desk/desk-context';
import type { QueueView } from '../../../desk/queue-store';
import { formatCount } from '../../../format/number';
import { EmptyState } from '../../../ui/empty-state';
import classes from './queue-page.module.css';

/** An empty list says which of three things it is: nothing to do, nothing that matches, or something that waits. */
export function QueueEmpty(props: {
  readonly view: QueueView;
  readonly onClear: () => void;
  readonly onShowNew: () => void;
}): ReactElement {
  const { view, onClear, onShowNew } = props;
  const counts = useCounts();
  return (
    <div className={classes['empty']}>
      {view.totalCount > 0 ? (
        <EmptyState
          title={`0 of ${formatCount(view.totalCount)} match`}
          action={
            <Button size="xs" variant="default" onClick={onClear}>
              Clear filters
            </Button>
          }
        >
          The filter hides every alert on the list.
        </EmptyState>
      ) : view.heldCount > 0 ? (
        <EmptyState
          title="Nothing left on the list"
          action={
            <Button size="xs" onClick={onShowNew}>
              Show {formatCount(view.heldCount)} new
            </Button>
          }
        >
          New alerts wait behind the bar above.
        </EmptyState>
      ) : (
        <EmptyState title="Queue is clear">
          Nothing is open.{' '}
          {counts !== null && counts.decisionsPerSecond > 0
            ? `${formatCount(Math.round(counts.decisionsPerSecond))} payments a second are being decided;`
            : 'No payments are arriving at the moment;'}{' '}
          what wants a person appears here by itself.
        </EmptyState>
      )}
    </div>
  );
}
