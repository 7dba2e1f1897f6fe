import { invariant, type Alert, type QueueCounts } from '@veto/domain';
import { createContext, useContext, useSyncExternalStore } from 'react';
import type { CaseActionsState, PendingAction } from './case-actions';
import type { ConnectionStatus } from './connection-badge';
import type { Desk } from './desk';
import type { Draft } from './drafts';
import type { QueueView } from './queue-store';
import type { ValueStore } from './value-store';

export const DeskContext = createContext<Desk | null>(null);

/** The signed-in analyst's desk. */
export function useDesk(): Desk {
  const desk = useContext(DeskContext);
  invariant(desk !== null, 'useDesk is used outside the signed-in part of the console');
  return desk;
}

export function useValue<T>(store: ValueStore<T>): T {
  return useSyncExternalStore(store.subscribe, store.get);
}

export function useQueueView(): QueueView {
  const { queue } = useDesk();
  return useSyncExternalStore(queue.subscribe, queue.getView);
}

export function useConnection(): ConnectionStatus {
  return useValue(useDesk().live.status);
}

/** Exact numbers over everything; null before the first. */
export function useCounts(): QueueCounts | null {
  return useValue(useDesk().live.counts);
}

export function useCaseActions(): CaseActionsState {
  return useValue(useDesk().actions.state);
}

export function usePendingAction(decisionId: string): PendingAction | undefined {
  return useCaseActions().pending.get(decisionId);
}

export function useSelection(): string | null {
  return useValue(useDesk().selection);
}

/** One alert as it is now; undefined when this console does not hold it. */
export function useAlert(decisionId: string | null): Alert | undefined {
  const { queue } = useDesk();
  return useSyncExternalStore(queue.subscribe, () =>
    decisionId === null ? undefined : queue.alert(decisionId),
  );
}

export function useDraft(decisionId: string): Draft {
  const { drafts } = useDesk();
  useValue(drafts.store);
  return drafts.draft(decisionId);
}
