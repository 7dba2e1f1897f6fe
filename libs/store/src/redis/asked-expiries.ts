const DAY_MS = 86_400_000;
const COUNT_MAX = 200_000;

/**
 * Histories that were asked today how long they are kept, each with a record that was appended: until the day is over they
 * are kept for long enough whatever happens. Bounded: when there are too many, all are asked once more.
 */
export class AskedExpiries {
  readonly #countMax: number;
  readonly #names = new Set<string>();
  #day = 0;

  constructor(countMax: number = COUNT_MAX) {
    this.#countMax = countMax;
  }

  /** For each, '1' where it is to be asked, else '0'. */
  dueOf(names: readonly string[], nowMs: number): string {
    const day = Math.floor(nowMs / DAY_MS);
    if (day !== this.#day) {
      this.#day = day;
      this.#names.clear();
    }
    return names.map((name) => (this.#names.has(name) ? '0' : '1')).join('');
  }

  /** @param day in which it was asked, as `today` said then */
  note(name: string, day: number): void {
    if (day !== this.#day) return;
    if (this.#names.size >= this.#countMax) this.#names.clear();
    this.#names.add(name);
  }

  /** The day of the last `dueOf`. */
  get today(): number {
    return this.#day;
  }
}
