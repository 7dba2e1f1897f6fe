/** Long enough for the first screen to be there, in ms. */
const FETCH_AHEAD_AFTER_MS = 2_000;

/**
 * What the first screen does not need is fetched while nothing else is to be done: a dialog that is wanted when the
 * server is away must be here already.
 * @returns the way to stop
 */
export function fetchAhead(): () => void {
  const timer = setTimeout(() => {
    // One that fails is fetched again when it is wanted.
    void Promise.allSettled([
      import('../ui/notifications'),
      import('../features/case/components/conflict-dialog'),
      import('../features/case/components/reason-dialog'),
      import('../features/decision/components/decision-page'),
      import('../features/palette/components/shortcut-sheet'),
      import('../features/palette/components/command-palette'),
      import('../features/frame/components/analyst-menu'),
    ]);
  }, FETCH_AHEAD_AFTER_MS);
  return () => clearTimeout(timer);
}
