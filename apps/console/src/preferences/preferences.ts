import { useSyncExternalStore } from 'react';
import { ValueStore } from '../desk/value-store';

export type Theme = 'system' | 'light' | 'dark';
export const DENSITIES = ['compact', 'default', 'comfortable'] as const;
export type Density = (typeof DENSITIES)[number];

/** What this browser remembers of its analyst. */
export interface Preferences {
  readonly theme: Theme;
  readonly density: Density;
  /** Single letters act (WCAG 2.1.4: they can be switched off). */
  readonly singleKeys: boolean;
}

export const DEFAULT_PREFERENCES: Preferences = { theme: 'system', density: 'default', singleKeys: true };
/** Height of a row, px; the same numbers as `--row` in tokens.css. */
export const ROW_HEIGHT_PX: Readonly<Record<Density, number>> = { compact: 28, default: 32, comfortable: 40 };

/** The same key as in public/appearance.js. */
const STORAGE_KEY = 'veto.preferences';

/** What was stored → preferences; anything unknown falls back to its default. */
export function parsePreferences(stored: string | null): Preferences {
  if (stored === null) return DEFAULT_PREFERENCES;
  let kept: unknown;
  try {
    kept = JSON.parse(stored);
  } catch {
    return DEFAULT_PREFERENCES;
  }
  if (typeof kept !== 'object' || kept === null) return DEFAULT_PREFERENCES;
  const { theme, density, singleKeys } = kept as Record<string, unknown>;
  return {
    theme: theme === 'light' || theme === 'dark' ? theme : 'system',
    density: DENSITIES.find((each) => each === density) ?? 'default',
    singleKeys: singleKeys !== false,
  };
}

function storage(): Storage | null {
  try {
    return window.localStorage;
  } catch {
    // A browser that forbids storage forgets preferences and works otherwise.
    return null;
  }
}

const store = new ValueStore<Preferences>(
  typeof window === 'undefined'
    ? DEFAULT_PREFERENCES
    : parsePreferences(storage()?.getItem(STORAGE_KEY) ?? null),
);

export function setPreferences(change: Partial<Preferences>): void {
  store.update((preferences) => ({ ...preferences, ...change }));
  storage()?.setItem(STORAGE_KEY, JSON.stringify(store.get()));
}

export const getPreferences = store.get;

export function usePreferences(): Preferences {
  return useSyncExternalStore(store.subscribe, store.get);
}

const systemDark = (): MediaQueryList => window.matchMedia('(prefers-color-scheme: dark)');

function subscribeToSystem(listener: () => void): () => void {
  const query = systemDark();
  query.addEventListener('change', listener);
  return () => query.removeEventListener('change', listener);
}

/** The theme that is on the screen: the chosen one, or the system's. */
export function useShownTheme(): 'light' | 'dark' {
  const { theme } = usePreferences();
  const isSystemDark = useSyncExternalStore(subscribeToSystem, () => systemDark().matches);
  if (theme !== 'system') return theme;
  return isSystemDark ? 'dark' : 'light';
}
