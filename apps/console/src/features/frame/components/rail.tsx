import { OUTCOMES } from '@veto/domain';
import { Link } from '@tanstack/react-router';
import { FileSearch, ListChecks } from 'lucide-react';
import type { ReactElement } from 'react';
import { useCounts, useSelection } from '../../../desk/desk-context';
import { formatCount } from '../../../format/number';
import { sentenceOfCode } from '../../../format/text';
import { OUTCOME_GLYPHS } from '../../../ui/outcome-chip';
import classes from './frame.module.css';

/** The pages that there are, and what Veto answered in the last minute. */
export function Rail(): ReactElement {
  const counts = useCounts();
  const selected = useSelection();
  const perMinute = counts?.outcomesLastMinute;
  const total = perMinute === undefined ? 0 : OUTCOMES.reduce((sum, outcome) => sum + perMinute[outcome], 0);
  return (
    <div className={classes['rail']}>
      <nav aria-label="Pages">
        <h2>Work</h2>
        <Link to="/queue" activeProps={{ 'aria-current': 'page' }} data-testid="nav-queue">
          <ListChecks size={16} strokeWidth={1.75} aria-hidden="true" />
          <span>Live queue</span>
          <span className={classes['count']}>{counts === null ? '' : formatCount(counts.open)}</span>
        </Link>
        {selected !== null && (
          <Link
            to="/decisions/$decisionId"
            params={{ decisionId: selected }}
            activeProps={{ 'aria-current': 'page' }}
            data-testid="nav-decision"
          >
            <FileSearch size={16} strokeWidth={1.75} aria-hidden="true" />
            <span>Decision</span>
          </Link>
        )}
      </nav>
      <section aria-label="Decisions in the last minute" className={classes['mix']} data-testid="outcome-mix">
        <h2>Last minute</h2>
        {perMinute === undefined ? (
          <p>?</p>
        ) : (
          <dl>
            {OUTCOMES.map((outcome) => (
              <div key={outcome} data-outcome={outcome}>
                <dt>
                  <span aria-hidden="true">{OUTCOME_GLYPHS[outcome]}</span> {sentenceOfCode(outcome)}
                </dt>
                <dd>{formatCount(perMinute[outcome])}</dd>
                <i
                  aria-hidden="true"
                  style={{ width: `${total === 0 ? 0 : (perMinute[outcome] / total) * 100}%` }}
                />
              </div>
            ))}
          </dl>
        )}
      </section>
    </div>
  );
}
