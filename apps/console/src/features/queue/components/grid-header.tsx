import type { ReactElement } from 'react';
import type { QueueOrder } from '../../../desk/queue-order';
import classes from './alert-grid.module.css';

type AriaSort = 'ascending' | 'descending' | 'none';

function SortHeader(props: {
  readonly label: string;
  readonly sort: AriaSort;
  readonly onSort: () => void;
  readonly className?: string | undefined;
}): ReactElement {
  const { label, sort, onSort, className } = props;
  return (
    <span role="columnheader" aria-sort={sort} className={className}>
      <button type="button" className={classes['sort']} onClick={onSort}>
        {label}
        {sort !== 'none' && <span aria-hidden="true">{sort === 'descending' ? ' ↓' : ' ↑'}</span>}
      </button>
    </span>
  );
}

/** Names of the columns; three of them also sort. */
export function GridHeader(props: {
  readonly order: QueueOrder;
  readonly onOrder: (order: QueueOrder) => void;
}): ReactElement {
  const { order, onOrder } = props;
  const timeSort: AriaSort = order === 'newest' ? 'descending' : order === 'oldest' ? 'ascending' : 'none';
  return (
    <div role="row" aria-rowindex={1} className={classes['header']}>
      <span role="columnheader">
        <span className={classes['spoken']}>Severity</span>
      </span>
      <SortHeader
        label="TIME"
        sort={timeSort}
        onSort={() => onOrder(order === 'newest' ? 'oldest' : 'newest')}
      />
      <SortHeader
        label="SCORE"
        className={classes['right']}
        sort={order === 'score' ? 'descending' : 'none'}
        onSort={() => onOrder('score')}
      />
      <SortHeader
        label="AMOUNT"
        className={classes['right']}
        sort={order === 'amount' ? 'descending' : 'none'}
        onSort={() => onOrder('amount')}
      />
      <span role="columnheader">OUTCOME</span>
      <span role="columnheader">CARD</span>
      <span role="columnheader">TOP REASON · MERCHANT</span>
      <span role="columnheader">WHO</span>
    </div>
  );
}
