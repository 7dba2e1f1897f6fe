import { useEffect, useRef, useSyncExternalStore } from 'react';
import { getPreferences } from '../preferences/preferences';
import { HotkeyRegistry, printKeys, type Hotkey, type KeyPlace } from './hotkey-registry';

const registry = new HotkeyRegistry({
  now: () => Date.now(),
  areSingleKeysOn: () => getPreferences().singleKeys,
});

const isMac = typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.userAgent);

export function printedKeys(keys: string): string {
  return printKeys(keys, isMac);
}

function placeOf(target: EventTarget | null): KeyPlace {
  if (!(target instanceof HTMLElement)) return 'page';
  if (target.closest('[role="dialog"],[role="menu"],[role="listbox"]') !== null) return 'overlay';
  if (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) {
    return target instanceof HTMLInputElement && target.type === 'checkbox' ? 'control' : 'text';
  }
  return target.closest('button,a,summary,[role="button"]') === null ? 'page' : 'control';
}

function onKeyDown(event: KeyboardEvent): void {
  if (event.defaultPrevented) return;
  if (registry.handle(event, placeOf(event.target))) event.preventDefault();
}

/** Once, by the app. @returns the way to stop */
export function listenToKeys(): () => void {
  window.addEventListener('keydown', onKeyDown);
  return () => window.removeEventListener('keydown', onKeyDown);
}

/** Keys of a component while it is mounted. What they run may change with every render; which keys they are may not. */
export function useHotkeys(hotkeys: readonly Hotkey[]): void {
  const latest = useRef(hotkeys);
  useEffect(() => {
    latest.current = hotkeys;
  });
  useEffect(
    () =>
      registry.register(
        latest.current.map((hotkey) => ({
          ...hotkey,
          run: () => latest.current.find(({ id }) => id === hotkey.id)?.run(),
        })),
      ),
    [],
  );
}

export function useRegisteredHotkeys(): readonly Hotkey[] {
  return useSyncExternalStore(registry.hotkeys.subscribe, registry.hotkeys.get);
}
