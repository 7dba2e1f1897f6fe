import type { Desk } from '../../../desk/desk';
import { useDesk } from '../../../desk/desk-context';
import { nextUndecided } from '../../../desk/next-undecided';
import type { Hotkey } from '../../../keys/hotkey-registry';
import { useHotkeys } from '../../../keys/hotkeys';
import { announce } from '../../../ui/announcer';
import { copyText } from '../../../ui/copyable-id';

/** Rows that PgUp and PgDn move by. */
const PAGE_ROW_COUNT = 15;

interface QueueActions {
  readonly onOpen: (decisionId: string) => void;
  readonly showNew: () => void;
  readonly setFollow: (follow: boolean) => void;
  readonly openFilter: () => void;
}

function moveTo(desk: Desk, index: number): void {
  // Whoever moves wants the list to hold still.
  if (desk.queue.getView().follow) desk.queue.setFollow(false);
  const { ids } = desk.queue.getView();
  const id = ids[Math.min(ids.length - 1, Math.max(0, index))];
  if (id !== undefined) desk.selection.set(id);
}

function moveBy(desk: Desk, delta: number): void {
  const selected = desk.selection.get();
  const index = selected === null ? -1 : desk.queue.getView().ids.indexOf(selected);
  moveTo(desk, index < 0 ? 0 : index + delta);
}

/** The most urgent alert that nobody works on. */
function claimNext(desk: Desk): void {
  const isFree = (id: string): boolean => {
    const alert = desk.queue.alert(id);
    return alert !== undefined && desk.whyNot(alert) === null;
  };
  const next = nextUndecided(desk.queue.getView().ids, null, isFree);
  const alert = next === null ? undefined : desk.queue.alert(next);
  if (alert === undefined) {
    announce('No open alert is free.');
    return;
  }
  desk.selection.set(alert.decisionId);
  desk.claim(alert);
  announce(`Claimed: ${alert.topReason}`);
}

function moveKeys(desk: Desk, onOpen: (decisionId: string) => void): readonly Hotkey[] {
  const step = (id: string, keys: readonly string[], label: string, delta: number): Hotkey => {
    return { id, keys, label, group: 'Move', repeats: true, isHidden: true, run: () => moveBy(desk, delta) };
  };
  const open = (): void => {
    const alert = desk.selected();
    if (alert === undefined) return;
    desk.claim(alert);
    onOpen(alert.decisionId);
  };
  return [
    step('move.next', ['j', 'ArrowDown'], 'Next row', 1),
    step('move.previous', ['k', 'ArrowUp'], 'Previous row', -1),
    step('move.page-down', ['PageDown'], 'A page down', PAGE_ROW_COUNT),
    step('move.page-up', ['PageUp'], 'A page up', -PAGE_ROW_COUNT),
    { id: 'move.first', keys: ['Home'], label: 'First row', group: 'Move', run: () => moveTo(desk, 0) },
    { id: 'move.last', keys: ['End'], label: 'Last row', group: 'Move', run: () => moveTo(desk, Infinity) },
    {
      id: 'move.claim-next',
      keys: ['n'],
      label: 'Claim the next best',
      group: 'Move',
      run: () => claimNext(desk),
    },
    { id: 'move.open', keys: ['Enter', 'o'], label: 'Open the full page', group: 'Move', run: open },
  ];
}

function listKeys(desk: Desk, { showNew, setFollow, openFilter }: QueueActions): readonly Hotkey[] {
  const group = 'List';
  const toggleFollow = (): void => {
    const follow = !desk.queue.getView().follow;
    setFollow(follow);
    announce(follow ? 'Following: new alerts take their place at once.' : 'Holding: the list stands still.');
  };
  const copyId = (): void => {
    const selected = desk.selection.get();
    if (selected !== null) void copyText(selected, 'decision id');
  };
  const togglePane = (): void => desk.isPaneOpen.update((isOpen) => !isOpen);
  return [
    { id: 'list.show-new', keys: ['.'], label: 'Show new alerts', group, run: showNew },
    { id: 'list.follow', keys: ['p'], label: 'Hold or follow', group, run: toggleFollow },
    { id: 'list.filter', keys: ['f'], label: 'Filter the list', group, run: openFilter },
    { id: 'list.pane', keys: [']'], label: 'Show or hide the selected alert', group, run: togglePane },
    { id: 'list.copy-id', keys: ['y i'], label: 'Copy the id', group, run: copyId },
    {
      id: 'list.close-pane',
      keys: ['Escape'],
      label: 'Close what lies over the list',
      group,
      isHidden: true,
      run: () => desk.closeOverlayingPane(),
    },
  ];
}

/** The keys of the list. */
export function useQueueKeys(actions: QueueActions): void {
  const desk = useDesk();
  useHotkeys([...moveKeys(desk, actions.onOpen), ...listKeys(desk, actions)]);
}
