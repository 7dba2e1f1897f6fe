import type { Outcome } from '@veto/domain';
import type { ReactElement } from 'react';
import classes from './outcome-chip.module.css';

export const OUTCOME_GLYPHS: Readonly<Record<Outcome, string>> = {
  approve: '✓',
  challenge: '↻',
  review: '◑',
  block: '⊘',
};

/** What was decided: glyph, word and fill style, each of which is enough alone. */
export function OutcomeChip(props: {
  readonly outcome: Outcome;
  readonly suffix?: string | undefined;
}): ReactElement {
  const { outcome, suffix } = props;
  return (
    <span className={classes['chip']} data-outcome={outcome} data-testid="outcome-chip">
      <span aria-hidden="true">{OUTCOME_GLYPHS[outcome]}</span> {outcome.toUpperCase()}
      {suffix !== undefined && <span className={classes['suffix']}> · {suffix}</span>}
    </span>
  );
}
