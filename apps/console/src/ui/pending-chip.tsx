import type { ReactElement } from 'react';
import type { PendingAction } from '../desk/case-actions';
import { useDesk } from '../desk/desk-context';
import { OutcomeChip } from './outcome-chip';
import { useNow } from './use-now';

/** Seconds, rounded up, until the effect of an action leaves. */
export function useSecondsLeft(effectiveAtMs: number): number {
  const { clock } = useDesk();
  useNow(250);
  return Math.max(0, Math.ceil((effectiveAtMs - clock.now()) / 1000));
}

/** `BLOCK · 8 s`: decided, and still to be taken back. */
export function PendingChip({ action }: { readonly action: PendingAction }): ReactElement {
  const secondsLeft = useSecondsLeft(action.effectiveAtMs);
  const suffix = action.phase === 'undoing' ? 'undoing' : `${secondsLeft} s`;
  return <OutcomeChip outcome={action.outcome} suffix={suffix} />;
}
