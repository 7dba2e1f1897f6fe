/** Prefix kept, middle left out: `dec_01J8…f91`. The whole id belongs in the title and the clipboard. */
export function shortenId(id: string): string {
  return id.length <= 16 ? id : `${id.slice(0, 9)}…${id.slice(-4)}`;
}

/** Length at which a merchant's own text is cut; the rest is a tooltip away. */
export const FOREIGN_TEXT_CHAR_COUNT_MAX = 200;

/** Text that others wrote: control and direction characters are made visible, so that none can rearrange the screen. */
export function plainText(text: string): string {
  const visible = text.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '␀');
  return visible.length <= FOREIGN_TEXT_CHAR_COUNT_MAX
    ? visible
    : `${visible.slice(0, FOREIGN_TEXT_CHAR_COUNT_MAX)}…`;
}

/** A sentence that begins as sentences do. */
export function capitalised(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}

/** `stolen_card` → `Stolen card` */
export function sentenceOfCode(code: string): string {
  const words = code.replaceAll('_', ' ').toLowerCase();
  return (words.charAt(0).toUpperCase() + words.slice(1)).replace(/\b(bin|ip)\b/i, (word) =>
    word.toUpperCase(),
  );
}

/** `Ana Ruiz` → `AR`: what fits into the column that says who. */
export function initialsOf(name: string): string {
  const words = name.split(/\s+/).filter((word) => word !== '');
  return words
    .slice(0, 2)
    .map((word) => word.charAt(0).toUpperCase())
    .join('');
}

/** Who acted, from the analyst's own point of view. */
export function whoLabel(name: string, me: string): string {
  return name === me ? 'you' : initialsOf(name);
}
