import { useSyncExternalStore, type ReactElement } from 'react';
import { ValueStore } from '../desk/value-store';
import classes from './announcer.module.css';

const polite = new ValueStore('');
const assertive = new ValueStore('');

/** Says what the analyst's own action did, to a screen reader, at once. */
export function announce(text: string): void {
  // The same words twice in a row are read only when the region changes.
  polite.set(polite.get() === text ? `${text}\u00a0` : text);
}

/** For what cannot wait: the connection is lost, an action failed. */
export function announceAlarm(text: string): void {
  assertive.set(assertive.get() === text ? `${text}\u00a0` : text);
}

/** The two live regions of the page. Rows are never inside them. */
export function Announcer(): ReactElement {
  const politeText = useSyncExternalStore(polite.subscribe, polite.get);
  const assertiveText = useSyncExternalStore(assertive.subscribe, assertive.get);
  return (
    <>
      <div className={classes['hidden']} role="status" data-testid="status-region">
        {politeText}
      </div>
      <div className={classes['hidden']} role="alert" data-testid="alarm-region">
        {assertiveText}
      </div>
    </>
  );
}
