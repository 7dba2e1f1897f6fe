import { memo, type ReactElement, type ReactNode } from 'react';
import { badgeOf } from '../../../desk/connection-badge';
import { useCaseActions, useConnection, useCounts, useDesk } from '../../../desk/desk-context';
import { NOT_APPLICABLE } from '../../../format/locale';
import { formatCount } from '../../../format/number';
import { formatClock, formatDuration } from '../../../format/time';
import { useNow } from '../../../ui/use-now';
import classes from './kpi-strip.module.css';

const HOUR_MS = 3_600_000;

function Figure(props: {
  readonly label: string;
  readonly children: ReactNode;
  readonly testId: string;
  readonly tone?: 'alarm' | undefined;
}): ReactElement {
  return (
    <div className={classes['figure']} data-testid={props.testId} data-tone={props.tone}>
      <dt>{props.label}</dt>
      <dd>{props.children}</dd>
    </div>
  );
}

/** Exact counters over everything that is open, whatever the list shows. In place, once a second, without any motion. */
export const KpiStrip = memo(function KpiStrip(): ReactElement {
  const desk = useDesk();
  const counts = useCounts();
  const connection = useConnection();
  const { decidedAtMs } = useCaseActions();
  const nowMs = useNow();
  const serverNowMs = nowMs + (desk.clock.now() - Date.now());
  const badge = badgeOf(connection, nowMs);
  const isOld = badge.state === 'offline' || badge.state === 'stale' || badge.state === 'slow';
  const mine = decidedAtMs.filter((atMs) => nowMs - atMs < HOUR_MS).length;
  const dueInMs = counts?.nextDueAtMs == null ? null : counts.nextDueAtMs - serverNowMs;
  return (
    <dl className={classes['strip']} data-testid="kpi-strip" data-old={isOld || undefined}>
      <Figure label="Open" testId="kpi-open">
        {counts === null ? '?' : formatCount(counts.open)}
      </Figure>
      <Figure label="Critical" testId="kpi-critical">
        {counts === null ? '?' : formatCount(counts.critical)}
      </Figure>
      <Figure label="Oldest" testId="kpi-oldest">
        {counts?.oldestDecidedAtMs == null
          ? NOT_APPLICABLE
          : formatDuration(serverNowMs - counts.oldestDecidedAtMs)}
      </Figure>
      <Figure
        label={dueInMs !== null && dueInMs < 0 ? 'Overdue by' : 'Next due in'}
        testId="kpi-due"
        tone={dueInMs !== null && dueInMs < 0 ? 'alarm' : undefined}
      >
        {dueInMs === null ? NOT_APPLICABLE : formatDuration(Math.abs(dueInMs))}
      </Figure>
      <Figure label="Decisions" testId="kpi-rate">
        {counts === null ? '?' : `${formatCount(Math.round(counts.decisionsPerSecond))}/s`}
      </Figure>
      <Figure label="Mine, last hour" testId="kpi-mine">
        {formatCount(mine)}
      </Figure>
      {isOld && connection.lastFrameAtMs !== null && (
        <div className={classes['asOf']}>
          as of {formatClock(connection.lastFrameAtMs - connection.lagMs)}
        </div>
      )}
    </dl>
  );
});
