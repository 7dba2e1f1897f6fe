import { useDesk } from '../../../desk/desk-context';
import { nextUndecided } from '../../../desk/next-undecided';
import { useHotkeys } from '../../../keys/hotkeys';
import { announce } from '../../../ui/announcer';
import { copyText } from '../../../ui/copyable-id';

/** Rows that PgUp and PgDn move by. */
const PAGE_ROW_COUNT = 15;

interface QueueKeys {
  readonly onOpen: (decisionId: string) => void;
  readonly showNew: () => void;
  readonly setFollow: (follow: boolean) => void;
  readonly openFilter: () => void;
}

/** The keys of the list. Moving them is what makes the list hold still again. */
export function useQueueKeys({ onOpen, showNew, setFollow, openFilter }: QueueKeys): void {
  const desk = useDesk();
  const moveTo = (index: number): void => {
    const { ids, follow } = desk.queue.getView();
    if (follow) setFollow(false);
    const id = ids[Math.min(ids.length - 1, Math.max(0, index))];
    if (id !== undefined) desk.selection.set(id);
  };
  const moveBy = (delta: number): void => {
    const selected = desk.selection.get();
    const index = selected === null ? -1 : desk.queue.getView().ids.indexOf(selected);
    moveTo(index < 0 ? 0 : index + delta);
  };
  const open = (): void => {
    const alert = desk.selected();
    if (alert === undefined) return;
    desk.claim(alert);
    onOpen(alert.decisionId);
  };
  const claimNext = (): void => {
    const next = nextUndecided(desk.queue.getView().ids, null, (id) => {
      const alert = desk.queue.alert(id);
      return alert !== undefined && desk.whyNot(alert) === null;
    });
    const alert = next === null ? undefined : desk.queue.alert(next);
    if (alert === undefined) return announce('No open alert is free.');
    desk.selection.set(alert.decisionId);
    desk.claim(alert);
    announce(`Claimed ${alert.topReason}`);
  };
  const toggleFollow = (): void => {
    const follow = !desk.queue.getView().follow;
    setFollow(follow);
    announce(follow ? 'Following: new alerts take their place at once.' : 'Holding: the list stands still.');
  };
  useHotkeys([
    {
      id: 'move.next',
      keys: ['j', 'ArrowDown'],
      label: 'Next row',
      group: 'Move',
      repeats: true,
      isHidden: true,
      run: () => moveBy(1),
    },
    {
      id: 'move.previous',
      keys: ['k', 'ArrowUp'],
      label: 'Previous row',
      group: 'Move',
      repeats: true,
      isHidden: true,
      run: () => moveBy(-1),
    },
    {
      id: 'move.page-down',
      keys: ['PageDown'],
      label: 'A page down',
      group: 'Move',
      repeats: true,
      isHidden: true,
      run: () => moveBy(PAGE_ROW_COUNT),
    },
    {
      id: 'move.page-up',
      keys: ['PageUp'],
      label: 'A page up',
      group: 'Move',
      repeats: true,
      isHidden: true,
      run: () => moveBy(-PAGE_ROW_COUNT),
    },
    { id: 'move.first', keys: ['Home'], label: 'First row', group: 'Move', run: () => moveTo(0) },
    {
      id: 'move.last',
      keys: ['End'],
      label: 'Last row',
      group: 'Move',
      run: () => moveTo(Number.MAX_SAFE_INTEGER),
    },
    { id: 'move.claim-next', keys: ['n'], label: 'Claim the next best', group: 'Move', run: claimNext },
    { id: 'move.open', keys: ['Enter', 'o'], label: 'Open the full page', group: 'Move', run: open },
    { id: 'list.show-new', keys: ['.'], label: 'Show new alerts', group: 'List', run: showNew },
    { id: 'list.follow', keys: ['p'], label: 'Hold or follow', group: 'List', run: toggleFollow },
    {
      id: 'list.pane',
      keys: [']'],
      label: 'Show or hide the selected alert',
      group: 'List',
      run: () => desk.isPaneOpen.update((isOpen) => !isOpen),
    },
    {
      id: 'list.close-pane',
      keys: ['Escape'],
      label: 'Close what lies over the list',
      group: 'List',
      isHidden: true,
      run: () => desk.closeOverlayingPane(),
    },
    { id: 'list.filter', keys: ['f'], label: 'Filter the list', group: 'List', run: openFilter },
    {
      id: 'list.copy-id',
      keys: ['y i'],
      label: 'Copy the id',
      group: 'List',
      run: () => {
        const selected = desk.selection.get();
        if (selected !== null) void copyText(selected, 'decision id');
      },
    },
  ]);
}
