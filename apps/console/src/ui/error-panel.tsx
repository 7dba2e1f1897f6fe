import { Button } from '@mantine/core';
import type { ReactElement } from 'react';
import { ProblemError } from '../desk/problem-error';
import { CopyableId } from './copyable-id';
import { EmptyState } from './empty-state';

/** What failed, what to quote when asking for help, and the way to try again. The rest of the page works on. */
export function ErrorPanel(props: {
  readonly what: string;
  readonly error: unknown;
  readonly onRetry: () => void;
}): ReactElement {
  const { what, error, onRetry } = props;
  const requestId = error instanceof ProblemError ? error.requestId : null;
  return (
    <EmptyState
      title={what}
      testId="error-panel"
      action={
        <Button size="xs" variant="default" onClick={onRetry}>
          Retry
        </Button>
      }
    >
      {error instanceof Error ? error.message : 'Unknown reason.'}
      {requestId !== null && (
        <>
          <br />
          Request <CopyableId id={requestId} what="request id" />
        </>
      )}
    </EmptyState>
  );
}
