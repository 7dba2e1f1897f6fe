/**
 * The row to go to after a decision: the nearest below that still wants one, else the nearest above.
 * @returns null when none is left
 */
export function nextUndecided(
  ids: readonly string[],
  from: string | null,
  isOpen: (id: string) => boolean,
): string | null {
  const at = from === null ? -1 : ids.indexOf(from);
  for (let index = at + 1; index < ids.length; index += 1) {
    if (isOpen(ids[index]!)) return ids[index]!;
  }
  for (let index = at - 1; index >= 0; index -= 1) {
    if (isOpen(ids[index]!)) return ids[index]!;
  }
  return null;
}
