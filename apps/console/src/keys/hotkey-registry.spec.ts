import {
  chordOf,
  HotkeyRegistry,
  printKeys,
  type Hotkey,
  type KeyPlace,
  type KeyPress,
} from './hotkey-registry';

const press = (key: string, change: Partial<KeyPress> = {}): KeyPress => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  repeat: false,
  isComposing: false,
  ...change,
});

class Keyboard {
  readonly ran: string[] = [];
  nowMs = 0;
  areSingleKeysOn = true;
  readonly registry = new HotkeyRegistry({
    now: () => this.nowMs,
    areSingleKeysOn: () => this.areSingleKeysOn,
  });

  bind(keys: string, change: Partial<Hotkey> = {}): () => void {
    return this.registry.register([
      { id: keys, keys: [keys], label: keys, group: 'General', run: () => this.ran.push(keys), ...change },
    ]);
  }

  type(key: string, change: Partial<KeyPress> = {}, place: KeyPlace = 'page'): boolean {
    return this.registry.handle(press(key, change), place);
  }
}

describe('a key', () => {
  it('does what it is bound to, once', () => {
    const keyboard = new Keyboard();
    keyboard.bind('b');
    keyboard.type('b');
    expect(keyboard.ran).toEqual(['b']);
  });

  it('held down decides once, and moves on and on', () => {
    const keyboard = new Keyboard();
    keyboard.bind('b');
    keyboard.bind('j', { repeats: true });
    for (const repeat of [false, true, true]) keyboard.type('b', { repeat });
    for (const repeat of [false, true, true]) keyboard.type('j', { repeat });
    expect(keyboard.ran).toEqual(['b', 'j', 'j', 'j']);
  });

  it('does nothing in a text field, in a dialog, or while a word is being composed', () => {
    const keyboard = new Keyboard();
    keyboard.bind('b');
    keyboard.type('b', {}, 'text');
    keyboard.type('b', {}, 'overlay');
    keyboard.type('b', { isComposing: true });
    expect(keyboard.ran).toEqual([]);
  });

  it('with Ctrl works in a text field too', () => {
    const keyboard = new Keyboard();
    keyboard.bind('mod+k');
    expect(keyboard.type('k', { ctrlKey: true }, 'text')).toBe(true);
  });

  it('that is Enter belongs to the button that has the focus', () => {
    const keyboard = new Keyboard();
    keyboard.bind('Enter');
    expect(keyboard.type('Enter', {}, 'control')).toBe(false);
    expect(keyboard.type('Enter')).toBe(true);
  });

  it('tells a letter from the same letter with Shift', () => {
    const keyboard = new Keyboard();
    keyboard.bind('b');
    keyboard.bind('shift+b');
    keyboard.type('B', { shiftKey: true });
    expect(keyboard.ran).toEqual(['shift+b']);
  });

  it('does not take Ctrl+B for B', () => {
    const keyboard = new Keyboard();
    keyboard.bind('b');
    expect(keyboard.type('b', { ctrlKey: true })).toBe(false);
  });

  it('belongs to the component that was mounted last, and goes back when that leaves', () => {
    const keyboard = new Keyboard();
    keyboard.bind('Escape', { id: 'page', run: () => keyboard.ran.push('page') });
    const leave = keyboard.bind('Escape', { id: 'pane', run: () => keyboard.ran.push('pane') });
    keyboard.type('Escape');
    leave();
    keyboard.type('Escape');
    expect(keyboard.ran).toEqual(['pane', 'page']);
  });
});

describe('single keys that are switched off', () => {
  it('do nothing, while arrows, Enter and keys with Ctrl still work', () => {
    const keyboard = new Keyboard();
    keyboard.areSingleKeysOn = false;
    for (const keys of ['b', '?', 'shift+b', 'y i', 'ArrowDown', 'mod+z']) keyboard.bind(keys);
    keyboard.type('b');
    keyboard.type('?', { shiftKey: true });
    keyboard.type('B', { shiftKey: true });
    keyboard.type('y');
    keyboard.type('i');
    keyboard.type('ArrowDown');
    keyboard.type('z', { metaKey: true });
    expect(keyboard.ran).toEqual(['ArrowDown', 'mod+z']);
  });
});

describe('two keys in sequence', () => {
  it('act when the second follows within a second', () => {
    const keyboard = new Keyboard();
    keyboard.bind('y i');
    keyboard.type('y');
    keyboard.nowMs = 1_000;
    keyboard.type('i');
    expect(keyboard.ran).toEqual(['y i']);
  });

  it('do not when it comes later', () => {
    const keyboard = new Keyboard();
    keyboard.bind('y i');
    keyboard.type('y');
    keyboard.nowMs = 1_001;
    keyboard.type('i');
    expect(keyboard.ran).toEqual([]);
  });

  it('let the second key act alone where the first was no beginning', () => {
    const keyboard = new Keyboard();
    keyboard.bind('y i');
    keyboard.bind('a');
    keyboard.type('y');
    keyboard.type('a');
    expect(keyboard.ran).toEqual(['a']);
  });
});

describe('keys on paper', () => {
  it('carry a symbol’s shift in the symbol', () => {
    expect(chordOf(press('?', { shiftKey: true }))).toBe('?');
    expect(chordOf(press('Tab', { shiftKey: true }))).toBe('shift+Tab');
  });

  it.each([
    ['mod+k', false, 'Ctrl K'],
    ['mod+k', true, '⌘K'],
    ['y i', false, 'Y I'],
    ['shift+b', false, '⇧B'],
    ['ArrowDown', false, '↓'],
  ])('%s on a Mac: %s is printed %s', (keys, isMac, printed) => {
    expect(printKeys(keys, isMac)).toBe(printed);
  });
});
