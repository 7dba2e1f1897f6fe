interface Entry<T> {
  readonly atMs: number;
  readonly order: number;
  readonly item: T;
}

function isBefore<T>(a: Entry<T>, b: Entry<T>): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}

/** A queue by time: the earliest comes out first, and of two at the same time the one that was put in first. */
export class EventQueue<T> {
  private readonly heap: Entry<T>[] = [];
  private nextOrder = 0;

  get size(): number {
    return this.heap.length;
  }

  put(atMs: number, item: T): void {
    const entry = { atMs, order: this.nextOrder++, item };
    let at = this.heap.length;
    this.heap.push(entry);
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      if (!isBefore(entry, this.heap[parent]!)) break;
      this.heap[at] = this.heap[parent]!;
      at = parent;
    }
    this.heap[at] = entry;
  }

  /** The earliest item, if it is due before `untilMs`; otherwise undefined and nothing changes. */
  takeBefore(untilMs: number): T | undefined {
    const first = this.heap[0];
    if (first === undefined || first.atMs >= untilMs) return undefined;
    const last = this.heap.pop()!;
    if (this.heap.length > 0) this.sink(last);
    return first.item;
  }

  private sink(entry: Entry<T>): void {
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= this.heap.length) break;
      if (child + 1 < this.heap.length && isBefore(this.heap[child + 1]!, this.heap[child]!)) child++;
      if (!isBefore(this.heap[child]!, entry)) break;
      this.heap[at] = this.heap[child]!;
      at = child;
    }
    this.heap[at] = entry;
  }
}
