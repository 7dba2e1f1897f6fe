import type { Alert } from '@veto/domain';
import { useEffect, useRef, type ReactElement } from 'react';
import { useDesk, useDraft, usePendingAction, useValue } from '../../../desk/desk-context';
import type { AnalystOutcome } from '../../../desk/reasons';
import { sentenceOfCode } from '../../../format/text';
import { announce } from '../../../ui/announcer';
import { KeyCap } from '../../../ui/key-cap';
import { OUTCOME_GLYPHS } from '../../../ui/outcome-chip';
import classes from './decision.module.css';

const ACTIONS: readonly {
  readonly outcome: AnalystOutcome;
  readonly label: string;
  readonly keys: string;
}[] = [
  { outcome: 'approve', label: 'Approve', keys: 'a' },
  { outcome: 'block', label: 'Block', keys: 'b' },
  { outcome: 'challenge', label: 'Challenge', keys: 'c' },
];

/** One key decides; the reason that it sends is printed on the button. */
export function CaseActionsBar({ alert }: { readonly alert: Alert }): ReactElement {
  const desk = useDesk();
  const draft = useDraft(alert.decisionId);
  usePendingAction(alert.decisionId);
  const noteRequest = useValue(desk.noteRequest);
  const note = useRef<HTMLTextAreaElement>(null);
  const whyNot = desk.whyNot(alert);
  useEffect(() => {
    if (noteRequest > 0) note.current?.focus();
  }, [noteRequest]);
  const decide = (outcome: AnalystOutcome): void => {
    const refusal = desk.decide(alert, outcome);
    if (refusal !== null) announce(refusal);
  };
  return (
    <footer className={classes['actions']} data-testid="case-actions">
      <div className={classes['prepare']}>
        <textarea
          ref={note}
          rows={1}
          maxLength={2000}
          placeholder="Note for the next analyst  (M)"
          aria-label="Note"
          value={draft.note}
          onChange={(event) => desk.drafts.change(alert.decisionId, { note: event.currentTarget.value })}
          onKeyDown={(event) => {
            if (event.key === 'Escape') event.currentTarget.blur();
          }}
          data-testid="note"
        />
        <button
          type="button"
          className={classes['reasonButton']}
          onClick={() => desk.reasonPalette.set({ alert, outcome: 'block', decides: false })}
          data-testid="reason-select"
        >
          Reason <KeyCap keys="r" />
        </button>
        <label className={classes['blockCard']} data-disabled={alert.card === null || undefined}>
          <input
            type="checkbox"
            checked={desk.drafts.blocksCard(alert, 'block')}
            disabled={alert.card === null}
            onChange={(event) =>
              desk.drafts.change(alert.decisionId, { blockCard: event.currentTarget.checked })
            }
            data-testid="also-block-card"
          />
          Block also blocks the card
        </label>
      </div>
      <div className={classes['buttons']}>
        {ACTIONS.map(({ outcome, label, keys }) => (
          <button
            key={outcome}
            type="button"
            data-action={outcome}
            aria-disabled={whyNot !== null}
            title={whyNot ?? `${label} this payment: ${sentenceOfCode(desk.drafts.reasonOf(alert, outcome))}`}
            onClick={() => decide(outcome)}
            data-testid={`action-${outcome}`}
          >
            <span>
              <span aria-hidden="true">{OUTCOME_GLYPHS[outcome]}</span> {label} <KeyCap keys={keys} />
            </span>
            <small>{sentenceOfCode(desk.drafts.reasonOf(alert, outcome))}</small>
          </button>
        ))}
      </div>
    </footer>
  );
}
