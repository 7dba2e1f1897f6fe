import type { Desk } from '../../../desk/desk';
import { useDesk } from '../../../desk/desk-context';
import type { AnalystOutcome } from '../../../desk/reasons';
import type { Hotkey } from '../../../keys/hotkey-registry';
import { useHotkeys } from '../../../keys/hotkeys';
import { announce } from '../../../ui/announcer';

const NOTHING_SELECTED = 'No alert is selected.';

/** One key, one decision about the selected alert. */
function decide(desk: Desk, outcome: AnalystOutcome): void {
  const alert = desk.selected();
  const refusal = alert === undefined ? NOTHING_SELECTED : desk.decide(alert, outcome);
  if (refusal !== null) announce(refusal);
}

/** Opens the reasons; with `decides`, choosing one also decides, anew where the effect of an earlier decision has left. */
function choose(desk: Desk, outcome: AnalystOutcome, decides: boolean): void {
  const alert = desk.selected();
  const refusal = alert === undefined ? NOTHING_SELECTED : desk.whyNot(alert, decides);
  if (refusal !== null) announce(refusal);
  else if (alert !== undefined) desk.reasonPalette.set({ alert, outcome, decides });
}

const ACTIONS: readonly {
  readonly outcome: AnalystOutcome;
  readonly keys: string;
  readonly label: string;
}[] = [
  { outcome: 'approve', keys: 'a', label: 'Approve the payment' },
  { outcome: 'block', keys: 'b', label: 'Block the payment' },
  { outcome: 'challenge', keys: 'c', label: 'Challenge the customer' },
];

function decisionKeys(desk: Desk): readonly Hotkey[] {
  const group = 'Decide';
  return [
    ...ACTIONS.map(({ outcome, keys, label }): Hotkey => {
      return { id: `case.${outcome}`, keys: [keys], label, group, run: () => decide(desk, outcome) };
    }),
    ...ACTIONS.map(({ outcome, keys, label }): Hotkey => {
      const why = `${label}, with another reason`;
      return {
        id: `case.${outcome}-why`,
        keys: [`shift+${keys}`],
        label: why,
        group,
        run: () => choose(desk, outcome, true),
      };
    }),
    {
      id: 'case.reason',
      keys: ['r'],
      label: 'Choose the reason',
      group,
      run: () => choose(desk, 'block', false),
    },
    {
      id: 'case.note',
      keys: ['m'],
      label: 'Write a note',
      group,
      run: () => desk.noteRequest.update((count) => count + 1),
    },
    {
      id: 'case.undo',
      keys: ['z', 'mod+z'],
      label: 'Undo the latest decision',
      group,
      run: () => {
        if (desk.actions.undoLatest() === null) announce('Nothing to undo.');
      },
    },
  ];
}

/** The keys that decide about the selected alert, on the queue and on the full page alike. */
export function useDecisionKeys(): void {
  useHotkeys(decisionKeys(useDesk()));
}
