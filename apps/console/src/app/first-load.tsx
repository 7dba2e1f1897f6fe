import { useEffect, useState, type ReactElement } from 'react';
import classes from './first-load.module.css';

/** Nothing flashes before this, ms; a sentence comes after a second, an explanation after ten. */
const STEPS_MS = [150, 1_000, 10_000] as const;
const SENTENCES = ['', 'Loading the queue…', 'Loading the queue… This takes longer than usual.'] as const;

/** The frame's own geometry while the first answer is under way. */
export function FirstLoad(): ReactElement | null {
  const [step, setStep] = useState(-1);
  useEffect(() => {
    const timers = STEPS_MS.map((delayMs, index) => setTimeout(() => setStep(index), delayMs));
    return () => timers.forEach(clearTimeout);
  }, []);
  if (step < 0) return null;
  return (
    <div className={classes['frame']} aria-busy="true" data-testid="first-load">
      <div className={classes['top']}>Veto</div>
      <div className={classes['rail']} />
      <div className={classes['main']}>
        <p role="status">{SENTENCES[step]}</p>
        {Array.from({ length: 18 }, (_, row) => (
          <i key={row} />
        ))}
      </div>
      <div className={classes['pane']} />
    </div>
  );
}
