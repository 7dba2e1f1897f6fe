import { OUTCOMES, SEVERITIES } from '@veto/domain';
import type { ReactElement } from 'react';
import type { AlertQuery } from '../../../desk/query-grammar';
import { OutcomeChip } from '../../../ui/outcome-chip';
import { SeverityMark } from '../../../ui/severity-mark';
import classes from './filter-bar.module.css';

const SCORE_STEPS = [0, 45, 65, 85] as const;

function toggled<T>(all: readonly T[], known: readonly T[], value: T): readonly T[] {
  return all.filter((each) => known.includes(each) !== (each === value));
}

/** The query as boxes to tick; every change shows at once behind it. */
export function FilterPanel(props: {
  readonly query: AlertQuery;
  readonly onChange: (query: AlertQuery) => void;
}): ReactElement {
  const { query, onChange } = props;
  return (
    <div className={classes['panel']}>
      <fieldset>
        <legend>Outcome</legend>
        {OUTCOMES.map((outcome) => (
          <label key={outcome} className={classes['tick']}>
            <input
              type="checkbox"
              checked={query.outcomes.includes(outcome)}
              onChange={() => onChange({ ...query, outcomes: toggled(OUTCOMES, query.outcomes, outcome) })}
            />
            <OutcomeChip outcome={outcome} />
          </label>
        ))}
      </fieldset>
      <fieldset>
        <legend>Severity</legend>
        {SEVERITIES.map((severity) => (
          <label key={severity} className={classes['tick']}>
            <input
              type="checkbox"
              checked={query.severities.includes(severity)}
              onChange={() =>
                onChange({ ...query, severities: toggled(SEVERITIES, query.severities, severity) })
              }
            />
            <SeverityMark severity={severity} withWord />
          </label>
        ))}
      </fieldset>
      <fieldset>
        <legend>Score, at least</legend>
        {SCORE_STEPS.map((step) => (
          <label key={step} className={classes['tick']}>
            <input
              type="radio"
              name="score-from"
              checked={(query.scoreFrom ?? 0) === step}
              onChange={() => onChange({ ...query, scoreFrom: step === 0 ? null : step })}
            />
            {step === 0 ? 'Any' : step}
          </label>
        ))}
      </fieldset>
    </div>
  );
}
