import type { DeskSession } from '@veto/domain';
import { useQuery } from '@tanstack/react-query';
import { Outlet, useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useState, type ReactElement } from 'react';
import { Desk } from '../desk/desk';
import { deskApi } from '../desk/desk-api';
import { DeskContext } from '../desk/desk-context';
import { ProblemError } from '../desk/problem-error';
import { CaseOverlays } from '../features/case/components/case-overlays';
import { useDecisionKeys } from '../features/decision/components/use-decision-keys';
import { Frame } from '../features/frame/components/frame';
import { listenToKeys, useHotkeys } from '../keys/hotkeys';
import { announce, announceAlarm } from '../ui/announcer';
import { ErrorPanel } from '../ui/error-panel';
import { showNotice } from '../ui/notices';
import { fetchAhead } from './fetch-ahead';
import { FirstLoad } from './first-load';

const CommandPalette = lazy(() =>
  import('../features/palette/components/command-palette').then((module) => ({
    default: module.CommandPalette,
  })),
);
const ShortcutSheet = lazy(() =>
  import('../features/palette/components/shortcut-sheet').then((module) => ({
    default: module.ShortcutSheet,
  })),
);

function deskOf(session: DeskSession, onUnauthenticated: () => void): Desk {
  return new Desk(session, {
    announce,
    failed: (text, requestId) => {
      announceAlarm(text);
      showNotice({
        title: text,
        message: requestId === null ? 'Nothing was changed.' : `Request ${requestId}`,
      });
    },
    onUnauthenticated,
  });
}

/** Everything behind the door: the session, then the desk that lives as long as it. */
export function SignedIn(): ReactElement {
  const navigate = useNavigate();
  const {
    data: session,
    error,
    refetch,
  } = useQuery({ queryKey: ['session'], queryFn: deskApi.session, staleTime: Infinity });
  const isUnauthenticated = error instanceof ProblemError && error.code === 'unauthenticated';
  useEffect(() => {
    if (isUnauthenticated) void navigate({ to: '/signin' });
  }, [isUnauthenticated, navigate]);
  if (session !== undefined)
    return <WithDesk session={session} onUnauthenticated={() => void navigate({ to: '/signin' })} />;
  if (error !== null && !isUnauthenticated) {
    return <ErrorPanel what="The console could not start" error={error} onRetry={() => void refetch()} />;
  }
  return <FirstLoad />;
}

function WithDesk(props: {
  readonly session: DeskSession;
  readonly onUnauthenticated: () => void;
}): ReactElement {
  const [desk, setDesk] = useState<Desk | null>(null);
  const [problem, setProblem] = useState<unknown>(null);
  const [attempt, setAttempt] = useState(0);
  const { session, onUnauthenticated } = props;
  useEffect(() => {
    const started = deskOf(session, onUnauthenticated);
    let isStopped = false;
    started.live.start().then(
      () => {
        if (!isStopped) setDesk(started);
      },
      (error: unknown) => {
        if (!isStopped) setProblem(error);
      },
    );
    return () => {
      isStopped = true;
      started.live.stop();
    };
    // The way out may change with every render; the desk stays.
  }, [session, attempt]);
  if (problem !== null && desk === null) {
    const retry = (): void => {
      setProblem(null);
      setAttempt((count) => count + 1);
    };
    return <ErrorPanel what="The queue could not be loaded" error={problem} onRetry={retry} />;
  }
  if (desk === null) return <FirstLoad />;
  return (
    <DeskContext value={desk}>
      <Shell />
    </DeskContext>
  );
}

type Overlay = 'palette' | 'shortcuts' | null;

function Shell(): ReactElement {
  const [overlay, setOverlay] = useState<Overlay>(null);
  const navigate = useNavigate();
  const close = (): void => setOverlay(null);
  useEffect(listenToKeys, []);
  useEffect(fetchAhead, []);
  useDecisionKeys();
  useHotkeys([
    {
      id: 'general.palette',
      keys: ['mod+k'],
      label: 'Command palette',
      group: 'General',
      isHidden: true,
      run: () => setOverlay('palette'),
    },
    {
      id: 'general.shortcuts',
      keys: ['?'],
      label: 'Keyboard shortcuts',
      group: 'General',
      run: () => setOverlay('shortcuts'),
    },
    {
      id: 'go.queue',
      keys: ['g q'],
      label: 'Go to the queue',
      group: 'Go',
      run: () => void navigate({ to: '/queue' }),
    },
  ]);
  return (
    <Frame
      onFind={(decisionId) => void navigate({ to: '/decisions/$decisionId', params: { decisionId } })}
      onOpenPalette={() => setOverlay('palette')}
      onOpenShortcuts={() => setOverlay('shortcuts')}
    >
      <Outlet />
      <CaseOverlays />
      <Suspense fallback={null}>
        {overlay === 'palette' && <CommandPalette onClose={close} />}
        {overlay === 'shortcuts' && <ShortcutSheet onClose={close} />}
      </Suspense>
    </Frame>
  );
}
