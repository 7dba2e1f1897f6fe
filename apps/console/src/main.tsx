import '@fontsource-variable/inter';
import '@fontsource-variable/jetbrains-mono';
import './styles/mantine.css';
import './styles/tokens.css';
import './styles/global.css';
import { invariant } from '@veto/domain';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/app';

/** A page that is loaded anew by itself does so at most this often, in ms. */
const RELOAD_INTERVAL_MS = 60_000;

// The server was updated under an open page: the parts that it has not fetched yet are gone, and a new page has its own.
window.addEventListener('vite:preloadError', () => {
  const reloadedAtMs = Number(sessionStorage.getItem('veto.reloaded-at'));
  if (Date.now() - reloadedAtMs < RELOAD_INTERVAL_MS) return;
  // A server that is away is no reason to lose the page that is on the screen.
  void fetch('/', { method: 'HEAD', cache: 'no-store' }).then(
    (response) => {
      if (!response.ok) return;
      sessionStorage.setItem('veto.reloaded-at', String(Date.now()));
      window.location.reload();
    },
    () => undefined,
  );
});

const root = document.getElementById('root');
invariant(root !== null, 'index.html has no element #root');
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
