import { lazy, Suspense, type ReactElement } from 'react';
import { useCaseActions, useDesk, useValue } from '../../../desk/desk-context';
import { UndoTray } from './undo-tray';

const ConflictDialog = lazy(() =>
  import('./conflict-dialog').then((module) => ({ default: module.ConflictDialog })),
);
const ReasonDialog = lazy(() =>
  import('./reason-dialog').then((module) => ({ default: module.ReasonDialog })),
);

/** What lies over every page while decisions are made: the tray, and the dialogs when they are wanted. */
export function CaseOverlays(): ReactElement {
  const desk = useDesk();
  const { conflict } = useCaseActions();
  const palette = useValue(desk.reasonPalette);
  return (
    <>
      <UndoTray />
      <Suspense fallback={null}>
        {conflict !== null && <ConflictDialog conflict={conflict} />}
        {palette !== null && (
          <ReasonDialog key={`${palette.alert.decisionId} ${palette.outcome}`} palette={palette} />
        )}
      </Suspense>
    </>
  );
}
