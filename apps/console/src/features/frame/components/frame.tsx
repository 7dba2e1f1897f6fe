import type { ReactElement, ReactNode } from 'react';
import { badgeOf } from '../../../desk/connection-badge';
import { useConnection, useCounts, useDesk, useQueueView, useValue } from '../../../desk/desk-context';
import { formatCount } from '../../../format/number';
import { useNow } from '../../../ui/use-now';
import classes from './frame.module.css';
import { Rail } from './rail';
import { TopBar } from './top-bar';

export interface FrameProps {
  readonly onFind: (decisionId: string) => void;
  readonly onOpenPalette: () => void;
  readonly onOpenShortcuts: () => void;
  /** The page and what stands beside it. */
  readonly children: ReactNode;
}

/** What is around every page: who, where, how fresh, and how to get help. */
export function Frame(props: FrameProps): ReactElement {
  const isPaneOpen = useValue(useDesk().isPaneOpen);
  return (
    <div className={classes['frame']} data-pane={isPaneOpen ? 'open' : 'closed'}>
      <TopBar
        onFind={props.onFind}
        onOpenPalette={props.onOpenPalette}
        onOpenShortcuts={props.onOpenShortcuts}
      />
      <StaleStrip />
      <Rail />
      {props.children}
      <StatusBar />
    </div>
  );
}

function StaleStrip(): ReactElement | null {
  const badge = badgeOf(useConnection(), useNow());
  const desk = useDesk();
  if (badge.state !== 'stale') return null;
  return (
    <div className={classes['stale']} role="alert" data-testid="stale-strip">
      <span aria-hidden="true">{badge.glyph}</span> {badge.text}. Decisions still work if the server can be
      reached.
      <button type="button" onClick={desk.live.retry}>
        Retry now
      </button>
    </div>
  );
}

function StatusBar(): ReactElement {
  const desk = useDesk();
  const view = useQueueView();
  const counts = useCounts();
  const connection = useConnection();
  const skipped = connection.gap === null ? 'every alert shown' : 'some alerts skipped';
  return (
    <footer className={classes['status']} data-testid="status-bar">
      <span>
        {counts === null ? '?' : formatCount(counts.open)} open · {formatCount(view.totalCount)} on the list ·{' '}
        {formatCount(view.heldCount)} held · {skipped} · v{desk.session.version}
      </span>
      <span className={classes['hints']}>
        J/K move · Enter open · A approve · B block · C challenge · Z undo · ? all shortcuts
      </span>
    </footer>
  );
}
