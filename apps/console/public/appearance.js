// Runs before the first paint, so that a dark screen never flashes white. The same keys as src/preferences/preferences.ts.
(function () {
  var kept = {};
  try {
    kept = JSON.parse(localStorage.getItem('veto.preferences') || '{}');
  } catch (error) {
    kept = {};
  }
  var dark =
    kept.theme === 'dark' || (kept.theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  var root = document.documentElement;
  root.dataset.theme = dark ? 'dark' : 'light';
  root.dataset.mantineColorScheme = root.dataset.theme;
  root.dataset.density = kept.density || 'default';
})();
