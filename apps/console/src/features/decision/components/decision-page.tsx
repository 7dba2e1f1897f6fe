import { ArrowLeft } from 'lucide-react';
import { useEffect, type ReactElement } from 'react';
import { useAlert, useDesk } from '../../../desk/desk-context';
import { shortenId } from '../../../format/text';
import { formatInstant } from '../../../format/time';
import { useHotkeys } from '../../../keys/hotkeys';
import { CopyableId, copyText } from '../../../ui/copyable-id';
import { ErrorPanel } from '../../../ui/error-panel';
import { KeyCap } from '../../../ui/key-cap';
import { useDecisionDetail } from '../use-decision-detail';
import { CaseActionsBar } from './case-actions-bar';
import { CaseStrip } from './case-strip';
import { DecisionHeader } from './decision-header';
import { Skeleton } from './decision-pane';
import classes from './decision.module.css';
import { FactsSection } from './facts-section';
import { LatencySection } from './latency-section';
import { PayloadSection } from './payload-section';
import { RulesSection } from './rules-section';
import { ThresholdBand } from './score-section';
import { TimelineSection } from './timeline-section';
import { WhySection } from './why-section';

/** The same story on a whole page, to be linked to. */
export function DecisionPage(props: {
  readonly decisionId: string;
  readonly onBack: () => void;
}): ReactElement {
  const { decisionId, onBack } = props;
  const desk = useDesk();
  const { data: detail, error, refetch } = useDecisionDetail(decisionId);
  const listed = useAlert(decisionId);
  const alert = listed ?? detail?.alert;
  useEffect(() => {
    if (listed === undefined && detail !== undefined) desk.queue.know(detail.alert);
  }, [desk, listed, detail]);
  useEffect(() => desk.selection.set(decisionId), [desk, decisionId]);
  useEffect(() => {
    document.title = `${shortenId(decisionId)} · Veto`;
  }, [decisionId]);
  useHotkeys([
    { id: 'page.back', keys: ['Escape', 'g q'], label: 'Back to the queue', group: 'Go', run: onBack },
    {
      id: 'page.copy-id',
      keys: ['y i'],
      label: 'Copy the id',
      group: 'List',
      run: () => void copyText(decisionId, 'decision id'),
    },
  ]);
  return (
    <main
      className={classes['page']}
      aria-label="Decision"
      id="main"
      tabIndex={-1}
      data-testid="decision-page"
    >
      <nav className={classes['crumbs']}>
        <button type="button" onClick={onBack}>
          <ArrowLeft size={14} strokeWidth={1.75} aria-hidden="true" /> Queue <KeyCap keys="Escape" />
        </button>
        <span>
          Decision <CopyableId id={decisionId} what="decision id" isWhole />
        </span>
        {alert !== undefined && (
          <time dateTime={new Date(alert.decidedAtMs).toISOString()}>{formatInstant(alert.decidedAtMs)}</time>
        )}
        {detail?.decision.model != null && (
          <span>
            model {detail.decision.model.id} {detail.decision.model.version} · rules{' '}
            {detail.decision.ruleset_hash.slice(7, 15)}
          </span>
        )}
      </nav>
      {alert === undefined ? (
        error === null ? (
          <Skeleton of={decisionId} />
        ) : (
          <ErrorPanel what="There is no such decision here" error={error} onRetry={() => void refetch()} />
        )
      ) : (
        <>
          <div className={classes['columns']}>
            <div className={classes['column']}>
              <DecisionHeader alert={alert} decision={detail?.decision} level={1} />
              <CaseStrip alert={alert} />
              {detail !== undefined && (
                <>
                  <ThresholdBand detail={detail} />
                  <WhySection detail={detail} />
                  <LatencySection detail={detail} />
                </>
              )}
            </div>
            <div className={classes['column']}>
              {detail === undefined ? (
                error === null ? (
                  <Skeleton of={decisionId} />
                ) : (
                  <ErrorPanel
                    what="The reasons could not be loaded"
                    error={error}
                    onRetry={() => void refetch()}
                  />
                )
              ) : (
                <>
                  <RulesSection detail={detail} />
                  <FactsSection detail={detail} />
                  <TimelineSection detail={detail} />
                  <PayloadSection detail={detail} isOpen />
                </>
              )}
            </div>
          </div>
          <CaseActionsBar alert={alert} />
        </>
      )}
    </main>
  );
}
