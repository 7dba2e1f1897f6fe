import type { Line } from '@veto/decision';
import type { Clock } from '@veto/domain';
import type { DataDirectory } from './data-directory';
import { DeskView, type DeskSnapshot } from './desk/desk-view';
import type { OpenedState } from './open-state';
import { DecisionIndex } from './views/decision-index';
import type { DecisionReader } from './views/decision-reader';
import { FailOpenView, type FailOpenSnapshot } from './views/fail-open-view';
import { ListView, type ListSnapshot } from './views/list-view';
import { readSnapshot, writeSnapshot } from './views/snapshot-file';
import { ViewFeed } from './views/view-feed';

interface ViewSnapshot {
  readonly logId: string;
  readonly desk: DeskSnapshot;
  readonly lists: ListSnapshot;
  readonly failOpen: FailOpenSnapshot;
}

export interface Views {
  readonly feed: ViewFeed;
  readonly index: DecisionIndex;
  readonly deskView: DeskView;
  readonly listView: ListView;
  readFrom(reader: DecisionReader): void;
  restore(): Promise<void>;
  save(): void;
}

/** The views as they were written down, if their file is whole and belongs to this log. */
export function openViews(parts: {
  readonly data: DataDirectory;
  readonly state: OpenedState;
  readonly lists: Line['lists'];
  readonly failOpen: Line['failOpen'];
  readonly clock: Clock;
}): Views {
  const { data, lists, failOpen, clock } = parts;
  const { log, logId, isShared } = parts.state;
  const index = new DecisionIndex({ directory: data.index, logId, logEnd: log.end(), isShared });
  const read = readSnapshot(data.views) as ViewSnapshot | null;
  const isOfThisLog = read?.logId === logId && read.desk.position <= Math.min(log.end(), index.position);
  const snapshot = isOfThisLog ? read : null;
  let source: DecisionReader | null = null;
  const deskView = new DeskView(
    {
      positionsOf: (tenantId, decisionId) => index.positionsOf(tenantId, decisionId),
      laterPositionsOf: (tenantId, decisionId) => index.laterPositionsOf(tenantId, decisionId),
      recordsAt: async (positions) => (await source?.recordsAt(positions)) ?? [],
    },
    isShared,
  );
  const listView = new ListView(lists, snapshot?.lists ?? null);
  // The index goes first: the desk looks up in it what it folds.
  const failOpenView = new FailOpenView(failOpen, () => clock.nowMs(), snapshot?.failOpen ?? null);
  const folded = [index, listView, failOpenView, deskView];
  return {
    feed: new ViewFeed(log, folded),
    index,
    deskView,
    listView,
    readFrom: (reader) => {
      source = reader;
    },
    restore: async () => {
      if (snapshot !== null) await deskView.restore(snapshot.desk);
    },
    save: () => {
      const saved: ViewSnapshot = {
        logId,
        desk: deskView.snapshot(),
        lists: listView.snapshot(),
        failOpen: failOpenView.snapshot(),
      };
      writeSnapshot(data.views, saved);
    },
  };
}
