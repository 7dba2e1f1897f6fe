// Runs before the first paint, so that a dark screen never flashes white. The same keys as src/preferences/preferences.ts.
{
  let kept = {};
  try {
    kept = JSON.parse(localStorage.getItem('veto.preferences') ?? '{}');
  } catch {
    // A browser that forbids storage, or a value that is not ours: the defaults do.
  }
  const systemIsDark = matchMedia('(prefers-color-scheme: dark)').matches;
  const isDark = kept.theme === 'dark' || (kept.theme !== 'light' && systemIsDark);
  const root = document.documentElement;
  root.dataset.theme = isDark ? 'dark' : 'light';
  root.dataset.mantineColorScheme = root.dataset.theme;
  root.dataset.density = kept.density ?? 'default';
}
