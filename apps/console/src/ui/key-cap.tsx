import type { ReactElement } from 'react';
import { printedKeys } from '../keys/hotkeys';
import classes from './key-cap.module.css';

/** A key, as it is printed on a button: the interface teaches its own shortcuts. */
export function KeyCap({ keys }: { readonly keys: string }): ReactElement {
  return (
    <kbd className={classes['cap']} aria-hidden="true">
      {printedKeys(keys)}
    </kbd>
  );
}
