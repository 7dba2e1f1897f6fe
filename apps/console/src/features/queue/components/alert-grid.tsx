import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, type MouseEvent, type ReactElement } from 'react';
import { useCaseActions, useDesk, useQueueView, useSelection } from '../../../desk/desk-context';
import type { QueueOrder } from '../../../desk/queue-order';
import { ROW_HEIGHT_PX, usePreferences } from '../../../preferences/preferences';
import { AlertRow, rowElementId } from './alert-row';
import classes from './alert-grid.module.css';
import { GridHeader } from './grid-header';
import { NewItemsBar } from './new-items-bar';

/** Rows kept ready above and below what is seen. */
const OVERSCAN_COUNT = 6;
/** DOM slots that rows take turns in; more than any screen shows at once. */
const SLOT_COUNT = 128;

/** The header and the bar stay above the rows while they scroll: their height in px, as in the stylesheet. */
const ABOVE_HEIGHT_PX = 56;
/** The header and the bar, counted as rows. */
const ROWS_ABOVE_COUNT = 2;
const COLUMN_COUNT = 8;

interface AlertGridProps {
  readonly onOpen: (decisionId: string) => void;
  readonly onShowNew: () => void;
  readonly onOrder: (order: QueueOrder) => void;
  readonly registerScroll: (scrollToTop: () => void) => void;
}

/** The list: some forty rows of however many, each found by its id. It stands still until the analyst moves it. */
export function AlertGrid({ onOpen, onShowNew, onOrder, registerScroll }: AlertGridProps): ReactElement {
  const desk = useDesk();
  const view = useQueueView();
  const selected = useSelection();
  const { pending } = useCaseActions();
  const { density } = usePreferences();
  const scroller = useRef<HTMLDivElement>(null);
  const rowHeightPx = ROW_HEIGHT_PX[density];
  const virtualizer = useVirtualizer({
    count: view.ids.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeightPx,
    overscan: OVERSCAN_COUNT,
    scrollMargin: ABOVE_HEIGHT_PX,
    scrollPaddingStart: ABOVE_HEIGHT_PX,
  });
  const { ids } = view;
  const selectedIndex = selected === null ? -1 : ids.indexOf(selected);

  useEffect(() => virtualizer.measure(), [virtualizer, rowHeightPx]);
  useEffect(() => registerScroll(() => virtualizer.scrollToOffset(0)), [registerScroll, virtualizer]);
  useEffect(() => {
    const index = selected === null ? -1 : desk.queue.getView().ids.indexOf(selected);
    if (index >= 0) virtualizer.scrollToIndex(index, { align: 'auto' });
  }, [desk, virtualizer, selected]);

  const idUnder = (event: MouseEvent): string | undefined => {
    const row = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-id]') : null;
    return row?.dataset['id'];
  };
  const onClick = (event: MouseEvent): void => {
    const id = idUnder(event);
    const alert = id === undefined ? undefined : desk.queue.alert(id);
    if (alert === undefined) return;
    desk.queue.setFollow(false);
    desk.selection.set(alert.decisionId);
    desk.isPaneOpen.set(true);
    desk.claim(alert);
  };
  const onDoubleClick = (event: MouseEvent): void => {
    const id = idUnder(event);
    if (id !== undefined) onOpen(id);
  };

  return (
    <div
      className={classes['grid']}
      ref={scroller}
      role="grid"
      aria-label="Alerts"
      aria-rowcount={ids.length + ROWS_ABOVE_COUNT}
      aria-activedescendant={selected !== null && selectedIndex >= 0 ? rowElementId(selected) : undefined}
      tabIndex={0}
      onClick={onClick}
      onDoubleClick={onDoubleClick}
      data-testid="queue-grid"
    >
      <div role="rowgroup" className={classes['above']}>
        <GridHeader order={view.order} onOrder={onOrder} />
        <div role="row" aria-rowindex={2}>
          <div role="gridcell" aria-colspan={COLUMN_COUNT}>
            <NewItemsBar view={view} onShow={onShowNew} />
          </div>
        </div>
      </div>
      <div role="rowgroup" className={classes['rows']} style={{ height: virtualizer.getTotalSize() }}>
        {virtualizer.getVirtualItems().map(({ index, start }) => {
          const id = ids[index];
          const alert = id === undefined ? undefined : desk.queue.alert(id);
          if (alert === undefined) return null;
          return (
            <AlertRow
              key={index % SLOT_COUNT}
              alert={alert}
              pending={pending.get(alert.decisionId)}
              isSelected={alert.decisionId === selected}
              isFresh={desk.queue.isFresh(alert.decisionId)}
              me={desk.me}
              rowIndex={index + ROWS_ABOVE_COUNT + 1}
              offsetPx={start - ABOVE_HEIGHT_PX}
            />
          );
        })}
      </div>
    </div>
  );
}
