import { useEffect, useRef, type ReactElement } from 'react';
import { badgeOf, type BadgeState } from '../../../desk/connection-badge';
import { useConnection, useDesk } from '../../../desk/desk-context';
import { announce, announceAlarm } from '../../../ui/announcer';
import { useNow } from '../../../ui/use-now';
import classes from './frame.module.css';

/** How fresh the screen is: glyph, words and colour, in the one place where it always is. */
export function ConnectionBadge(): ReactElement {
  const { live } = useDesk();
  const status = useConnection();
  const badge = badgeOf(status, useNow());
  const before = useRef<BadgeState>(badge.state);
  useEffect(() => {
    const wasDown = before.current === 'offline' || before.current === 'stale';
    const isDown = badge.state === 'offline' || badge.state === 'stale';
    if (isDown && before.current !== badge.state) announceAlarm(badge.text);
    if (wasDown && !isDown) announce('Connected again.');
    before.current = badge.state;
  }, [badge.state, badge.text]);
  const content = (
    <>
      <span aria-hidden="true">{badge.glyph}</span> {badge.text}
    </>
  );
  if (badge.action === null) {
    return (
      <span className={classes['connection']} data-state={badge.state} data-testid="connection-badge">
        {content}
      </span>
    );
  }
  return (
    <button
      type="button"
      className={classes['connection']}
      data-state={badge.state}
      data-testid="connection-badge"
      onClick={() => (badge.action === 'retry' ? live.retry() : void live.loadGap())}
    >
      {content}
    </button>
  );
}
