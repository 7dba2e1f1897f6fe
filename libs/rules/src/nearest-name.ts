/** Edits beyond which a name is no longer taken for a slip of another. */
const EDIT_COUNT_MAX = 3;

/** The known name that is the fewest edits away from a mistyped one, or null when none is near. */
export function nearestName(name: string, known: readonly string[]): string | null {
  let nearest: string | null = null;
  let fewest = EDIT_COUNT_MAX + 1;
  for (const candidate of known) {
    const edits = editCount(name, candidate);
    if (edits < fewest) [nearest, fewest] = [candidate, edits];
  }
  return nearest;
}

/** Levenshtein's distance: insertions, deletions and replacements from one text to the other. */
export function editCount(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (let i = 1; i <= from.length; i++) {
    const current = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = previous[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1);
      current.push(Math.min(replaced, previous[j]! + 1, current[j - 1]! + 1));
    }
    previous = current;
  }
  return previous[to.length]!;
}
