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

/** Tells of something that failed. The tray is fetched with the first of them: most sessions have none. */
export function showNotice(notice: Notice): void {
  isNeeded.set(true);
  void import('./notifications').then((module) => module.pushNotice(notice));
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
