import type { DecisionDetail } from '@veto/domain';
import type { ReactElement } from 'react';
import { plainText, sentenceOfCode } from '../../../format/text';
import { formatClock, formatInstant } from '../../../format/time';
import classes from './decision.module.css';

/** What happened to this payment and its case, oldest first, and what the analysts wrote. */
export function TimelineSection({ detail }: { readonly detail: DecisionDetail }): ReactElement {
  const { note, reason, decidedBy } = detail.case;
  return (
    <section aria-labelledby="timeline" data-testid="timeline">
      <h2 id="timeline">Timeline and notes</h2>
      <ol className={classes['timeline']}>
        {detail.timeline.map(({ atMs, text }) => (
          <li key={`${atMs} ${text}`}>
            <time dateTime={new Date(atMs).toISOString()} title={formatInstant(atMs)}>
              {formatClock(atMs)}
            </time>
            <span>{plainText(text)}</span>
          </li>
        ))}
      </ol>
      {note !== null && (
        <blockquote className={classes['note']}>
          <bdi>{plainText(note)}</bdi>
          <cite>
            {decidedBy} {reason === null ? '' : `· ${sentenceOfCode(reason)}`}
          </cite>
        </blockquote>
      )}
    </section>
  );
}
