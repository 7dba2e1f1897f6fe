import { createRootRoute, createRoute, createRouter, redirect, useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useDeferredValue, type ReactElement } from 'react';
import { useDesk, useSelection } from '../desk/desk-context';
import { DecisionPane } from '../features/decision/components/decision-pane';
import { QueuePage } from '../features/queue/components/queue-page';
import { useHotkeys } from '../keys/hotkeys';
import { EmptyState } from '../ui/empty-state';
import { ErrorPanel } from '../ui/error-panel';
import { parseQueueUrl } from './queue-url';
import { SignedIn } from './signed-in';
import { useSelectionInUrl } from './use-selection-in-url';

const DecisionPage = lazy(() =>
  import('../features/decision/components/decision-page').then((module) => ({
    default: module.DecisionPage,
  })),
);
const SignInPage = lazy(() =>
  import('../features/sign-in/components/sign-in-page').then((module) => ({ default: module.SignInPage })),
);

const rootRoute = createRootRoute({ notFoundComponent: NotFound });

const indexRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/',
  beforeLoad: () => {
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- the router's way to say: elsewhere
    throw redirect({ to: '/queue' });
  },
});

const signInRoute = createRoute({ getParentRoute: () => rootRoute, path: '/signin', component: SignIn });

const deskRoute = createRoute({ getParentRoute: () => rootRoute, id: 'desk', component: SignedIn });

const queueRoute = createRoute({
  getParentRoute: () => deskRoute,
  path: '/queue',
  validateSearch: parseQueueUrl,
  component: Queue,
});

const decisionRoute = createRoute({
  getParentRoute: () => deskRoute,
  path: '/decisions/$decisionId',
  component: Decision,
});

function SignIn(): ReactElement {
  // A new session is a new desk: everything begins anew.
  return (
    <Suspense fallback={null}>
      <SignInPage onSignedIn={() => window.location.assign('/queue')} />
    </Suspense>
  );
}

function Queue(): ReactElement {
  const { q = '', sort = 'urgency' } = queueRoute.useSearch();
  const navigate = useNavigate({ from: '/queue' });
  // The row is marked first; the pane follows when there is time.
  const selected = useDeferredValue(useSelection());
  useSelectionInUrl(queueRoute.useSearch().sel);
  return (
    <>
      <QueuePage
        search={{ q, sort }}
        onSearch={(change) =>
          void navigate({ search: (before) => parseQueueUrl({ ...before, ...change }), replace: true })
        }
        onOpen={(decisionId) => void navigate({ to: '/decisions/$decisionId', params: { decisionId } })}
      />
      <DecisionPane decisionId={selected} />
    </>
  );
}

function Decision(): ReactElement {
  const { decisionId } = decisionRoute.useParams();
  const navigate = useNavigate();
  const desk = useDesk();
  const back = (): void => {
    desk.selection.set(decisionId);
    void navigate({ to: '/queue', search: { sel: decisionId } });
  };
  return (
    <Suspense fallback={null}>
      <DecisionPage decisionId={decisionId} onBack={back} />
    </Suspense>
  );
}

function NotFound(): ReactElement {
  const navigate = useNavigate();
  useHotkeys([
    {
      id: 'page.queue',
      keys: ['g q'],
      label: 'Go to the queue',
      group: 'Go',
      run: () => void navigate({ to: '/queue' }),
    },
  ]);
  return (
    <main data-testid="not-found">
      <EmptyState title="There is no such page" action={<a href="/queue">Go to the live queue</a>}>
        The address does not belong to any page of this console.
      </EmptyState>
    </main>
  );
}

export const router = createRouter({
  routeTree: rootRoute.addChildren([
    indexRoute,
    signInRoute,
    deskRoute.addChildren([queueRoute, decisionRoute]),
  ]),
  defaultPreload: false,
  defaultErrorComponent: ({ error }) => (
    <main>
      <ErrorPanel what="This page broke" error={error} onRetry={() => window.location.reload()} />
    </main>
  ),
});

declare module '@tanstack/react-router' {
  interface Register {
    readonly router: typeof router;
  }
}
