import { useCallback, useEffect, useMemo, useRef, useState, type ReactElement } from 'react';
import { useDesk, useQueueView, useSelection } from '../../../desk/desk-context';
import { matcherOf, parseQuery } from '../../../desk/query-grammar';
import type { QueueOrder } from '../../../desk/queue-order';
import { formatCount } from '../../../format/number';
import { AlertGrid } from './alert-grid';
import { FilterBar } from './filter-bar';
import { KpiStrip } from './kpi-strip';
import { QueueEmpty } from './queue-empty';
import classes from './queue-page.module.css';
import { useNewItemsAnnouncement } from './use-new-items-announcement';
import { useQueueKeys } from './use-queue-keys';

/** What of the list is in the URL: a copied address shows the same screen. */
export interface QueueSearch {
  readonly q: string;
  readonly sort: QueueOrder;
}

interface QueuePageProps {
  readonly search: QueueSearch;
  readonly onSearch: (change: Partial<QueueSearch>) => void;
  readonly onOpen: (decisionId: string) => void;
}

/** The live queue: what wants a person, the most urgent first. */
export function QueuePage({ search, onSearch, onOpen }: QueuePageProps): ReactElement {
  const desk = useDesk();
  const view = useQueueView();
  const selected = useSelection();
  const [isFilterOpen, setIsFilterOpen] = useState(false);
  const scrollToTop = useRef<() => void>(() => undefined);
  const query = useMemo(() => parseQuery(search.q), [search.q]);

  useEffect(() => desk.queue.setMatches(matcherOf(query)), [desk, query]);
  useEffect(() => desk.queue.setOrder(search.sort), [desk, search.sort]);
  useEffect(() => {
    const isGone = selected !== null && desk.queue.alert(selected) === undefined && view.ids.length > 0;
    if (selected === null || isGone) desk.selection.set(view.ids[0] ?? null);
  }, [desk, selected, view.ids]);

  const showNew = useCallback(() => {
    desk.queue.takeHeld();
    scrollToTop.current();
  }, [desk]);
  const setFollow = useCallback((follow: boolean) => desk.queue.setFollow(follow), [desk]);
  const registerScroll = useCallback((scroll: () => void) => {
    scrollToTop.current = scroll;
  }, []);
  useQueueKeys({ onOpen, showNew, setFollow, openFilter: () => setIsFilterOpen(true) });
  useNewItemsAnnouncement(view);
  useEffect(() => {
    document.title = `(${formatCount(view.totalCount - view.decidedCount)}) Queue · Veto`;
  }, [view.totalCount, view.decidedCount]);

  return (
    <main className={classes['page']} aria-label="Live queue" id="main" tabIndex={-1}>
      <h1 className={classes['title']}>Live queue</h1>
      <KpiStrip />
      <FilterBar
        text={search.q}
        order={search.sort}
        follow={view.follow}
        isOpen={isFilterOpen}
        onOpenChange={setIsFilterOpen}
        onText={(q) => onSearch({ q })}
        onOrder={(sort) => onSearch({ sort })}
        onFollow={setFollow}
      />
      <div className={classes['list']}>
        <AlertGrid
          onOpen={onOpen}
          onShowNew={showNew}
          onOrder={(sort) => onSearch({ sort })}
          registerScroll={registerScroll}
        />
        {view.ids.length === 0 && (
          <QueueEmpty view={view} onClear={() => onSearch({ q: '' })} onShowNew={showNew} />
        )}
      </div>
    </main>
  );
}
