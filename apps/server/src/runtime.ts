import {
  createFailOpenBook,
  createListBook,
  createScoringDoor,
  startingPolicy,
  sweepOrphans,
  type FailOpenBook,
  type Line,
} from '@veto/decision';
import { systemClock, type Clock, type EventLog, type ModelScorer, type StateStore } from '@veto/domain';
import { featureSet } from '@veto/features';
import { bundledModelDirectory, loadOnnxScorer } from '@veto/model';
import { compileRuleset, startingRules } from '@veto/rules';
import type { Cluster } from './cluster/open-cluster';
import type { Configuration } from './configuration';
import { dataDirectoryAt, emptyDataDirectory, makeDataDirectory, type DataDirectory } from './data-directory';
import { CaseDesk } from './desk/case-desk';
import { CaseLog } from './desk/case-log';
import type { DeskView } from './desk/desk-view';
import { LiveSource } from './desk/live-source';
import { openState } from './open-state';
import { openViews } from './open-views';
import type { ScoringDoor } from './scoring/scoring-services';
import { createLogger, type LineSink } from './telemetry/log-lines';
import type { MetricSources } from './telemetry/metrics';
import { Telemetry } from './telemetry/telemetry';
import { DecisionReader } from './views/decision-reader';
import type { ViewFeed } from './views/view-feed';

/** Everything that runs, put together: the line, and the views of its log. No port is open yet. */
export interface Runtime {
  readonly configuration: Configuration;
  readonly data: DataDirectory;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly log: EventLog;
  readonly store: StateStore;
  /** Null when embedded. */
  readonly cluster: Cluster | null;
  readonly scorer: ModelScorer | null;
  readonly line: Line;
  readonly door: ScoringDoor;
  readonly feed: ViewFeed;
  readonly reader: DecisionReader;
  readonly deskView: DeskView;
  readonly source: LiveSource;
  readonly cases: CaseDesk;
  /** Requests at the door that have no answer yet. */
  inFlight(): number;
  /** Makes the views durable as they are. */
  saveViews(): void;
  /** Lets go of everything, the log last. The door must be idle. */
  close(): Promise<void>;
}

export interface RuntimeOptions {
  readonly configuration: Configuration;
  readonly sink: LineSink;
  readonly clock?: Clock;
  /** In place of the shipped model; null = decide without one. */
  readonly scorer?: ModelScorer | null;
  /** In place of the log and the state that the configuration names: for benches of other compositions. */
  readonly openState?: typeof openState;
}

/** Orphans that are finished in one go at the start. */
const ORPHAN_BATCH_COUNT = 256;

/**
 * The composition root.
 * @throws VetoError log_locked | log_corrupt | model_rejected | configuration_invalid: a refusal to start
 */
export async function createRuntime(options: RuntimeOptions): Promise<Runtime> {
  const { configuration } = options;
  const clock = options.clock ?? systemClock;
  const data = dataDirectoryAt(configuration.dataDirectory, configuration);
  if (configuration.fresh) await emptyDataDirectory(data);
  makeDataDirectory(data);

  const logger = createLogger({
    level: configuration.logLevel,
    forPeople: configuration.mode === 'demo',
    sink: options.sink,
  });
  const scorer = options.scorer === undefined ? await loadScorer(configuration) : options.scorer;
  const ruleset = compileRuleset(startingRules, featureSet);
  const telemetry = new Telemetry(logger);
  const state = await (options.openState ?? openState)({ configuration, data, clock, logger, telemetry });
  const { log, store, logId, isShared } = state;

  const lists = createListBook();
  const failOpen = createFailOpenBook();
  const views = openViews({ data, state, lists, failOpen, clock });
  const { feed, index, deskView } = views;
  const reader = new DecisionReader({ log, index, feed });
  views.readFrom(reader);
  await views.restore();
  await feed.catchUp();

  let inFlight = 0;
  telemetry.metrics.watch({
    inFlight: () => inFlight,
    logEnd: () => log.end(),
    viewLag: () => log.end() - feed.position,
    ...deskFigures(deskView, failOpen, clock),
  });
  const line: Line = {
    store,
    log,
    scorer,
    featureSet,
    ruleset,
    policy: startingPolicy,
    lists,
    openReviews: () => deskView.openReviews(),
    failOpen,
    clock,
    stopwatch: () => performance.now(),
    deadlineMs: configuration.deadlineMs,
  };
  // What others are at this moment deciding is theirs; the sweeper finds what they leave.
  if (!isShared) await finishOrphans(line, telemetry);
  const caseLog = new CaseLog({ log, feed, reader, view: deskView, lists: views.listView, clock, isShared });
  const door = countingDoor(line, (change) => {
    inFlight += change;
  });
  return {
    configuration,
    data,
    clock,
    telemetry,
    log,
    store,
    cluster: state.cluster,
    scorer,
    line,
    door,
    feed,
    reader,
    deskView,
    source: new LiveSource({ view: deskView, reader, log, logId, clock }),
    cases: new CaseDesk({ log: caseLog, reader, view: deskView, clock, telemetry }),
    inFlight: () => inFlight,
    saveViews: () => views.save(),
    close: async () => {
      await feed.stop();
      views.save();
      await index.close();
      await store.close();
      await log.close();
      await scorer?.close();
      telemetry.metrics.close();
    },
  };
}

/** What a crash left undecided is finished before a port is open: a client that asks again finds its answer. */
async function finishOrphans(line: Line, telemetry: Telemetry): Promise<void> {
  for (;;) {
    const count = await sweepOrphans(line, {
      ageMs: 0,
      countMax: ORPHAN_BATCH_COUNT,
      onMistake: (id, mistake) => telemetry.orphanFailed(id.transactionId, mistake),
    });
    if (count === 0) return;
    telemetry.orphansFinished(count);
  }
}

function deskFigures(
  view: DeskView,
  failOpen: FailOpenBook,
  clock: Clock,
): Pick<MetricSources, 'openAlerts' | 'openReviews' | 'failOpenSpent'> {
  return {
    openAlerts: () => view.openAlerts(),
    openReviews: () => view.openReviews(),
    failOpenSpent: () =>
      view.tenantIds
        .map((tenantId) => [tenantId, failOpen.spentMinor(tenantId, clock.nowMs())] as const)
        .filter(([, cents]) => cents > 0),
  };
}

/** The door, telling how many are at it. */
function countingDoor(line: Line, count: (change: 1 | -1) => void): ScoringDoor {
  const door = createScoringDoor(line);
  return {
    score: async (arrival) => {
      count(1);
      try {
        return await door.score(arrival);
      } finally {
        count(-1);
      }
    },
    idle: () => door.idle(),
  };
}

async function loadScorer(configuration: Configuration): Promise<ModelScorer> {
  return loadOnnxScorer({ directory: configuration.modelDirectory ?? bundledModelDirectory(), featureSet });
}
