import { memo, useEffect, useRef, useState, type ReactElement } from 'react';
import { useAlert } from '../../../desk/desk-context';
import { ErrorPanel } from '../../../ui/error-panel';
import { EmptyState } from '../../../ui/empty-state';
import { usePrefetchNeighbours, useDecisionDetail } from '../use-decision-detail';
import { CaseActionsBar } from './case-actions-bar';
import { CaseStrip } from './case-strip';
import classes from './decision.module.css';
import { DecisionHeader } from './decision-header';
import { FactsSection } from './facts-section';
import { LatencySection } from './latency-section';
import { PayloadSection } from './payload-section';
import { RulesSection } from './rules-section';
import { ThresholdBand } from './score-section';
import { TimelineSection } from './timeline-section';
import { WhySection } from './why-section';

/** Nothing flashes: what comes within this time needs no placeholder, ms. */
const SKELETON_AFTER_MS = 150;

function useIsLate(key: string): boolean {
  const [late, setLate] = useState<string | null>(null);
  useEffect(() => {
    const timer = setTimeout(() => setLate(key), SKELETON_AFTER_MS);
    return () => clearTimeout(timer);
  }, [key]);
  return late === key;
}

/** As high as what will be there, so that nothing moves when it comes. */
export function Skeleton({ of }: { readonly of: string }): ReactElement {
  const isLate = useIsLate(of);
  return (
    <div className={classes['skeleton']} aria-busy="true" data-late={isLate} data-testid="skeleton">
      {Array.from({ length: 8 }, (_, line) => (
        <i key={line} />
      ))}
    </div>
  );
}

/** The selected alert, beside the list: why, which rules, what happened, and the keys to decide. */
export const DecisionPane = memo(function DecisionPane(props: {
  readonly decisionId: string | null;
}): ReactElement {
  const { decisionId } = props;
  return (
    <aside
      className={classes['pane']}
      aria-label="Selected alert"
      data-testid="detail-pane"
      data-id={decisionId ?? undefined}
    >
      {decisionId === null ? (
        <EmptyState title="Nothing selected">Choose a row with J and K, or click one.</EmptyState>
      ) : (
        <PaneContent decisionId={decisionId} />
      )}
    </aside>
  );
});

function PaneContent({ decisionId }: { readonly decisionId: string }): ReactElement {
  const { data: detail, error, refetch } = useDecisionDetail(decisionId);
  usePrefetchNeighbours(decisionId);
  const alert = useAlert(decisionId) ?? detail?.alert;
  const scroller = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (scroller.current !== null) scroller.current.scrollTop = 0;
  }, [decisionId]);
  if (alert === undefined) {
    return error === null ? (
      <Skeleton of={decisionId} />
    ) : (
      <ErrorPanel what="This decision could not be loaded" error={error} onRetry={() => void refetch()} />
    );
  }
  return (
    <>
      <div className={classes['scroll']} ref={scroller}>
        <DecisionHeader alert={alert} decision={detail?.decision} level={2} />
        <CaseStrip alert={alert} />
        {detail === undefined ? (
          error === null ? (
            <Skeleton of={decisionId} />
          ) : (
            <ErrorPanel what="The reasons could not be loaded" error={error} onRetry={() => void refetch()} />
          )
        ) : (
          <>
            <ThresholdBand detail={detail} />
            <WhySection detail={detail} />
            <RulesSection detail={detail} />
            <FactsSection detail={detail} />
            <LatencySection detail={detail} />
            <TimelineSection detail={detail} />
            <PayloadSection detail={detail} />
          </>
        )}
      </div>
      <CaseActionsBar alert={alert} />
    </>
  );
}
