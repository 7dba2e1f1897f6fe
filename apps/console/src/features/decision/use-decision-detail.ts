import type { DecisionDetail } from '@veto/domain';
import { useQuery, useQueryClient, type UseQueryResult } from '@tanstack/react-query';
import { useEffect, useState, useSyncExternalStore } from 'react';
import { useAlert, useDesk } from '../../desk/desk-context';
import { deskApi } from '../../desk/desk-api';

/** Resting this long on a row asks for its story, ms; holding J does not ask for a hundred. */
const SETTLE_MS = 60;

const queryOf = (
  decisionId: string,
): {
  queryKey: readonly string[];
  queryFn: (context: { signal: AbortSignal }) => Promise<DecisionDetail>;
} => ({
  queryKey: ['decision', decisionId],
  queryFn: ({ signal }) => deskApi.decision(decisionId, signal),
});

function useSettled(value: string): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}

/** The whole story of one decision, fetched anew when its case moved on. */
export function useDecisionDetail(decisionId: string): UseQueryResult<DecisionDetail> {
  const client = useQueryClient();
  const settled = useSettled(decisionId);
  const query = useQuery({ ...queryOf(decisionId), enabled: settled === decisionId });
  const known = query.data?.case.version;
  const current = useAlert(decisionId)?.case.version;
  useEffect(() => {
    if (known !== undefined && current !== undefined && current > known) {
      void client.invalidateQueries({ queryKey: ['decision', decisionId] });
    }
  }, [client, decisionId, known, current]);
  return query;
}

/** The rows above and below are ready before they are looked at. */
export function usePrefetchNeighbours(decisionId: string): void {
  const client = useQueryClient();
  const { queue } = useDesk();
  const settled = useSettled(decisionId);
  // Only whether there are rows: the list changes four times a second, and the pane must not follow it.
  const hasRows = useSyncExternalStore(queue.subscribe, () => queue.getView().ids.length > 0);
  useEffect(() => {
    if (!hasRows) return;
    const { ids } = queue.getView();
    const at = ids.indexOf(settled);
    for (const neighbour of [ids[at + 1], at > 0 ? ids[at - 1] : undefined]) {
      if (neighbour !== undefined) void client.prefetchQuery(queryOf(neighbour));
    }
  }, [client, queue, settled, hasRows]);
}
