import { useDesk } from '../../../desk/desk-context';
import type { AnalystOutcome } from '../../../desk/reasons';
import { useHotkeys } from '../../../keys/hotkeys';
import { announce } from '../../../ui/announcer';

/** The keys that decide about the selected alert, on the queue and on the full page alike. */
export function useDecisionKeys(): void {
  const desk = useDesk();
  const decide = (outcome: AnalystOutcome): void => {
    const alert = desk.selected();
    const refusal = alert === undefined ? 'No alert is selected.' : desk.decide(alert, outcome);
    if (refusal !== null) announce(refusal);
  };
  const choose = (outcome: AnalystOutcome, decides: boolean): void => {
    const alert = desk.selected();
    const refusal = alert === undefined ? 'No alert is selected.' : desk.whyNot(alert);
    if (refusal !== null) announce(refusal);
    else if (alert !== undefined) desk.reasonPalette.set({ alert, outcome, decides });
  };
  useHotkeys([
    {
      id: 'case.approve',
      keys: ['a'],
      label: 'Approve the payment',
      group: 'Decide',
      run: () => decide('approve'),
    },
    {
      id: 'case.block',
      keys: ['b'],
      label: 'Block the payment',
      group: 'Decide',
      run: () => decide('block'),
    },
    {
      id: 'case.challenge',
      keys: ['c'],
      label: 'Challenge the customer',
      group: 'Decide',
      run: () => decide('challenge'),
    },
    {
      id: 'case.approve-why',
      keys: ['shift+a'],
      label: 'Approve, with another reason',
      group: 'Decide',
      run: () => choose('approve', true),
    },
    {
      id: 'case.block-why',
      keys: ['shift+b'],
      label: 'Block, with another reason',
      group: 'Decide',
      run: () => choose('block', true),
    },
    {
      id: 'case.challenge-why',
      keys: ['shift+c'],
      label: 'Challenge, with another reason',
      group: 'Decide',
      run: () => choose('challenge', true),
    },
    {
      id: 'case.reason',
      keys: ['r'],
      label: 'Choose the reason',
      group: 'Decide',
      run: () => choose('block', false),
    },
    {
      id: 'case.note',
      keys: ['m'],
      label: 'Write a note',
      group: 'Decide',
      run: () => desk.noteRequest.update((count) => count + 1),
    },
    {
      id: 'case.undo',
      keys: ['z', 'mod+z'],
      label: 'Undo the latest decision',
      group: 'Decide',
      run: () => {
        if (desk.actions.undoLatest() === null) announce('Nothing to undo.');
      },
    },
  ]);
}
