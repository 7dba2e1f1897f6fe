import { ChevronDown, Moon, Sun } from 'lucide-react';
import { lazy, Suspense, useState, type ReactElement } from 'react';
import { useDesk } from '../../../desk/desk-context';
import { sentenceOfCode } from '../../../format/text';
import { useHotkeys } from '../../../keys/hotkeys';
import { DENSITIES, setPreferences, useShownTheme } from '../../../preferences/preferences';
import { KeyCap } from '../../../ui/key-cap';
import { ConnectionBadge } from './connection-badge';
import classes from './frame.module.css';
import { SearchField } from './search-field';

const LazyAnalystMenu = lazy(() =>
  import('./analyst-menu').then((module) => ({ default: module.AnalystMenu })),
);

interface TopBarProps {
  readonly onFind: (decisionId: string) => void;
  readonly onOpenPalette: () => void;
  readonly onOpenShortcuts: () => void;
}

export function TopBar({ onFind, onOpenPalette, onOpenShortcuts }: TopBarProps): ReactElement {
  const { session } = useDesk();
  return (
    <header className={classes['top']}>
      <a className={classes['skip']} href="#main">
        Skip to list
      </a>
      <span className={classes['brand']}>
        <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
          <rect width="16" height="16" rx="3" fill="var(--accent)" />
          <path
            d="M4 4l4 8 4-8"
            fill="none"
            stroke="var(--on-accent)"
            strokeWidth="2"
            strokeLinecap="round"
            strokeLinejoin="round"
          />
        </svg>
        Veto
      </span>
      {session.mode === 'demo' && (
        <span
          className={classes['demo']}
          data-testid="demo-badge"
          title="Traffic and analysts are made up; nothing here touches a real payment"
        >
          DEMO DATA
        </span>
      )}
      <SearchField onFind={onFind} />
      <ConnectionBadge />
      <button
        type="button"
        className={classes['tool']}
        onClick={onOpenPalette}
        aria-label="Command palette"
        data-testid="open-palette"
      >
        <KeyCap keys="mod+k" />
      </button>
      <button
        type="button"
        className={classes['tool']}
        onClick={onOpenShortcuts}
        aria-label="Keyboard shortcuts"
        data-testid="open-shortcuts"
      >
        <KeyCap keys="?" />
      </button>
      <ThemeSwitch />
      <AnalystMenu />
    </header>
  );
}

function ThemeSwitch(): ReactElement {
  const shown = useShownTheme();
  const next = shown === 'dark' ? 'light' : 'dark';
  const toggle = (): void => setPreferences({ theme: next });
  useHotkeys([
    { id: 'general.theme', keys: ['mod+shift+l'], label: 'Light or dark', group: 'General', run: toggle },
    ...DENSITIES.map((density) => ({
      id: `general.density-${density}`,
      keys: [],
      label: `Density: ${density}`,
      group: 'General' as const,
      run: () => setPreferences({ density }),
    })),
  ]);
  return (
    <button
      type="button"
      className={classes['tool']}
      onClick={toggle}
      aria-label={`Switch to the ${next} theme`}
      title={`Switch to the ${next} theme`}
      data-testid="theme-switch"
    >
      {shown === 'dark' ? <Sun size={16} strokeWidth={1.75} /> : <Moon size={16} strokeWidth={1.75} />}
    </button>
  );
}

/** The menu itself is fetched when it is first wanted. */
function AnalystMenu(): ReactElement {
  const { session } = useDesk();
  const [isWanted, setIsWanted] = useState(false);
  const button = (
    <button
      type="button"
      className={classes['analyst']}
      onClick={() => setIsWanted(true)}
      aria-haspopup="menu"
      aria-label={`${session.analyst.name}: preferences`}
      data-testid="analyst-menu"
    >
      <span>
        {session.analyst.name} · {sentenceOfCode(session.analyst.role)}
      </span>
      <ChevronDown size={14} strokeWidth={1.75} aria-hidden="true" />
    </button>
  );
  if (!isWanted) return button;
  return (
    <Suspense fallback={button}>
      <LazyAnalystMenu>{button}</LazyAnalystMenu>
    </Suspense>
  );
}
