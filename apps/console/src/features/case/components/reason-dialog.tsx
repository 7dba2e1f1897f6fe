import { Modal } from '@mantine/core';
import { useEffect, useState, type ReactElement } from 'react';
import type { ReasonPalette } from '../../../desk/desk';
import { useDesk } from '../../../desk/desk-context';
import { REASONS, type AnalystOutcome } from '../../../desk/reasons';
import { rowTextOf } from '../../../desk/row-text';
import { sentenceOfCode } from '../../../format/text';
import { announce } from '../../../ui/announcer';
import classes from './dialogs.module.css';

const OUTCOME_CHOICES: readonly AnalystOutcome[] = ['approve', 'block', 'challenge'];

/** Reasons by number: 1 to 9 chooses, and decides at once when it was opened with Shift and an action's letter. */
export function ReasonDialog({ palette }: { readonly palette: ReasonPalette }): ReactElement {
  const desk = useDesk();
  const { alert, decides } = palette;
  const [outcome, setOutcome] = useState<AnalystOutcome>(palette.outcome);
  const chosen = desk.drafts.reasonOf(alert, outcome);
  const close = (): void => desk.reasonPalette.set(null);
  const choose = (reason: string): void => {
    desk.drafts.setReason(alert.decisionId, outcome, reason);
    close();
    const refusal = decides ? desk.decide(desk.queue.alert(alert.decisionId) ?? alert, outcome, true) : null;
    if (refusal !== null) announce(refusal);
  };
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const reason = event.repeat || event.isComposing ? undefined : REASONS[outcome][Number(event.key) - 1];
      if (reason === undefined) return;
      event.preventDefault();
      choose(reason);
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  });
  const title = decides ? `${sentenceOfCode(outcome)} because…` : 'Reason';
  return (
    <Modal
      opened
      onClose={close}
      title={title}
      size="sm"
      transitionProps={{ duration: 0 }}
      closeButtonProps={{ 'aria-label': 'Close' }}
      data-testid="reason-dialog"
    >
      <p className={classes['subject']}>
        {rowTextOf(alert).amount} · <bdi>{rowTextOf(alert).merchant}</bdi>
      </p>
      {!decides && (
        <div className={classes['outcomes']} role="radiogroup" aria-label="Outcome that the reason is for">
          {OUTCOME_CHOICES.map((each) => (
            <label key={each}>
              <input
                type="radio"
                name="reason-outcome"
                checked={each === outcome}
                onChange={() => setOutcome(each)}
              />{' '}
              {sentenceOfCode(each)}
            </label>
          ))}
        </div>
      )}
      <ol className={classes['reasons']}>
        {REASONS[outcome].map((reason, index) => (
          <li key={reason}>
            <button
              type="button"
              onClick={() => choose(reason)}
              aria-current={reason === chosen}
              data-autofocus={reason === chosen || undefined}
              data-testid={`reason-${reason}`}
            >
              <kbd>{index + 1}</kbd> {sentenceOfCode(reason)}
              {reason === chosen && <em>chosen</em>}
            </button>
          </li>
        ))}
      </ol>
    </Modal>
  );
}
