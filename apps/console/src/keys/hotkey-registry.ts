import { ValueStore } from '../desk/value-store';

/** One thing that a key does. */
export interface Hotkey {
  /** Stable name, also in the palette: `case.block`. */
  readonly id: string;
  /** `b`, `shift+b`, `mod+k`, `?`, `ArrowDown`, or two in sequence: `y i`. The first is the one that is printed. */
  readonly keys: readonly string[];
  readonly label: string;
  readonly group: 'Decide' | 'Move' | 'List' | 'Go' | 'General';
  readonly run: () => void;
  /** Held down, it runs again and again: for moving, never for deciding. */
  readonly repeats?: boolean;
  /** Not offered in the palette: moving by one row is done by its key or not at all. */
  readonly isHidden?: boolean;
}

/** The facts of a key press; a `KeyboardEvent` is one. */
export interface KeyPress {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
  readonly repeat: boolean;
  readonly isComposing: boolean;
}

/** Where the focus was when the key was pressed. */
export type KeyPlace = 'page' | 'text' | 'control' | 'overlay';

/** Time within which the second key of a sequence must follow, in ms. */
const SEQUENCE_WITHIN_MS = 1_000;

/** `Shift+B` → `shift+b`; symbols carry their shift in themselves: `?`, not `shift+/`. */
export function chordOf(press: KeyPress): string {
  const isLetter = /^[a-z]$/i.test(press.key);
  const key = isLetter ? press.key.toLowerCase() : press.key;
  const shift = press.shiftKey && (isLetter || press.key.length > 1) ? 'shift+' : '';
  const mod = press.ctrlKey || press.metaKey ? 'mod+' : '';
  return `${mod}${press.altKey ? 'alt+' : ''}${shift}${key}`;
}

function isModified(chord: string): boolean {
  return chord.startsWith('mod+') || chord.startsWith('alt+');
}

function isCharacter(chord: string): boolean {
  return !isModified(chord) && chord.replace('shift+', '').length === 1;
}

/** All keys of the pages that are mounted. The palette and the sheet print what is registered, so neither can be wrong. */
export class HotkeyRegistry {
  readonly hotkeys = new ValueStore<readonly Hotkey[]>([]);
  readonly #layers = new Map<symbol, readonly Hotkey[]>();
  readonly #now: () => number;
  readonly #areSingleKeysOn: () => boolean;
  #prefix: { readonly chord: string; readonly atMs: number } | null = null;

  constructor(options: { readonly now: () => number; readonly areSingleKeysOn: () => boolean }) {
    this.#now = options.now;
    this.#areSingleKeysOn = options.areSingleKeysOn;
  }

  /** @returns the way to take them back */
  register(hotkeys: readonly Hotkey[]): () => void {
    const layer = Symbol('layer');
    this.#layers.set(layer, hotkeys);
    this.#publish();
    return () => {
      this.#layers.delete(layer);
      this.#publish();
    };
  }

  /** @returns true when the press meant something and was acted upon */
  handle(press: KeyPress, place: KeyPlace): boolean {
    if (press.isComposing || press.key === 'Unidentified' || place === 'overlay') return false;
    const chord = chordOf(press);
    if (place === 'text' && !isModified(chord)) return false;
    // Enter and the space bar belong to the button that has the focus.
    if (place === 'control' && (chord === 'Enter' || chord === ' ')) return false;
    if (isCharacter(chord) && !this.#areSingleKeysOn()) return false;
    const sequence = this.#sequence(chord);
    const hotkey = this.#find(sequence) ?? this.#find(chord);
    if (hotkey === undefined) {
      const isPrefix =
        !press.repeat &&
        this.hotkeys.get().some(({ keys }) => keys.some((each) => each.startsWith(`${chord} `)));
      this.#prefix = isPrefix ? { chord, atMs: this.#now() } : null;
      return isPrefix;
    }
    this.#prefix = null;
    if (press.repeat && hotkey.repeats !== true) return true;
    hotkey.run();
    return true;
  }

  #sequence(chord: string): string {
    const prefix = this.#prefix;
    return prefix !== null && this.#now() - prefix.atMs <= SEQUENCE_WITHIN_MS
      ? `${prefix.chord} ${chord}`
      : chord;
  }

  #find(chord: string): Hotkey | undefined {
    return this.hotkeys.get().findLast(({ keys }) => keys.includes(chord));
  }

  #publish(): void {
    this.hotkeys.set([...this.#layers.values()].flat());
  }
}

const PRINTED: Readonly<Record<string, string>> = {
  ArrowDown: '↓',
  ArrowUp: '↑',
  Enter: '⏎',
  Escape: 'Esc',
  PageDown: 'PgDn',
  PageUp: 'PgUp',
  shift: '⇧',
  alt: 'Alt',
};

/** `mod+k` → `⌘K` or `Ctrl K`, `y i` → `Y I`: as it is printed on a key cap. */
export function printKeys(keys: string, isMac: boolean): string {
  return keys
    .split(' ')
    .map((chord) =>
      chord
        .split('+')
        .map((part) =>
          part === 'mod'
            ? isMac
              ? '⌘'
              : 'Ctrl '
            : (PRINTED[part] ?? (part.length === 1 ? part.toUpperCase() : part)),
        )
        .join(''),
    )
    .join(' ');
}
