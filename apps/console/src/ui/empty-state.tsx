import type { ReactElement, ReactNode } from 'react';
import classes from './empty-state.module.css';

/** Title, one sentence, at most one thing to do: for a place where there is nothing to show. */
export function EmptyState(props: {
  readonly title: string;
  readonly children: ReactNode;
  readonly action?: ReactNode;
  readonly testId?: string;
}): ReactElement {
  return (
    <div className={classes['empty']} data-testid={props.testId ?? 'empty-state'}>
      <h2>{props.title}</h2>
      <p>{props.children}</p>
      {props.action}
    </div>
  );
}
