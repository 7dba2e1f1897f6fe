import type { Severity } from '@veto/domain';
import type { ReactElement } from 'react';
import { sentenceOfCode } from '../format/text';
import classes from './severity-mark.module.css';

export const SEVERITY_GLYPHS: Readonly<Record<Severity, string>> = {
  low: '●',
  medium: '◆',
  high: '▲',
  critical: '⬢',
};

/** Shapes are drawn, not typed: a font without a hexagon must not lose the most important one. */
const SHAPES: Readonly<Record<Severity, string>> = {
  low: 'M6 2a4 4 0 1 1 0 8a4 4 0 1 1 0-8z',
  medium: 'M6 1l5 5l-5 5l-5-5z',
  high: 'M6 1.2l5.2 9.6H.8z',
  critical: 'M6 .4l5 2.8v5.6l-5 2.8l-5-2.8V3.2z',
};

/** How risky: a shape, and the word beside it or for those who cannot see it. */
export function SeverityMark(props: {
  readonly severity: Severity;
  readonly withWord?: boolean;
}): ReactElement {
  const { severity, withWord = false } = props;
  const word = sentenceOfCode(severity);
  return (
    <span className={classes['mark']} data-severity={severity} title={word}>
      <svg
        viewBox="0 0 12 12"
        width="12"
        height="12"
        role="img"
        aria-label={withWord ? undefined : word}
        aria-hidden={withWord}
      >
        <path d={SHAPES[severity]} fill="currentColor" />
      </svg>
      {withWord && <span>{word}</span>}
    </span>
  );
}
