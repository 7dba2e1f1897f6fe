import { lazy, Suspense, useSyncExternalStore, type ReactElement } from 'react';
import { ValueStore } from '../desk/value-store';

export interface Notice {
  readonly title: string;
  readonly message: string;
}

const isNeeded = new ValueStore(false);

const Notifications = lazy(() =>
  import('./notifications').then((module) => ({ default: module.NoticeTray })),
);

/** Tells of something that failed. Without the tray (fetched late, and the server is away) the live region has said it. */
export function showNotice(notice: Notice): void {
  void import('./notifications').then(
    (module) => {
      isNeeded.set(true);
      module.pushNotice(notice);
    },
    () => undefined,
  );
}

export function Notices(): ReactElement | null {
  const isShown = useSyncExternalStore(isNeeded.subscribe, isNeeded.get);
  if (!isShown) return null;
  return (
    <Suspense fallback={null}>
      <Notifications />
    </Suspense>
  );
}
