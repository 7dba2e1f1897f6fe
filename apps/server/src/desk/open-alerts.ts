/** Whether an alert waits for a human, waits for its undo window to pass, or is done. */
export type AlertStatus = 'open' | 'deciding' | 'closed';

interface OpenAlert {
  readonly position: number;
  readonly decidedAtMs: number;
  /** NaN when it is not a review. */
  readonly dueAtMs: number;
  readonly urgency: number;
  readonly critical: boolean;
}

const CLOSED = 0;
const OPEN = 1;
const DECIDING = 2;
const STATUS = { closed: CLOSED, open: OPEN, deciding: DECIDING } as const;
const COMPACT_FROM = 4_096;

/** Written down: four columns and the flags, base 64. */
export interface OpenAlertsSnapshot {
  readonly numbers: string;
  readonly flags: string;
}

/**
 * Every alert that is not closed, 34 bytes each, in log order: exact counts however many there are.
 * The rows that people see are kept elsewhere, and fewer of them.
 */
export class OpenAlerts {
  /** position, decidedAtMs, dueAtMs, urgency of each alert. */
  #numbers = new Float64Array(4 * 1_024);
  /** status, and whether it is critical. */
  #flags = new Uint8Array(2 * 1_024);
  #count = 0;
  #closedCount = 0;
  /** No open alert, and no open review, lies before these. */
  #firstOpen = 0;
  #firstReview = 0;
  #open = 0;
  #critical = 0;
  #reviews = 0;

  get openCount(): number {
    return this.#open;
  }

  get criticalCount(): number {
    return this.#critical;
  }

  get reviewCount(): number {
    return this.#reviews;
  }

  /** Positions must come in ascending order. */
  add(alert: OpenAlert): void {
    if (this.#count > 0 && alert.position <= this.#numbers[(this.#count - 1) * 4]!) return;
    if (this.#count * 2 === this.#flags.length) this.#grow();
    this.#numbers.set([alert.position, alert.decidedAtMs, alert.dueAtMs, alert.urgency], this.#count * 4);
    this.#flags.set([CLOSED, alert.critical ? 1 : 0], this.#count * 2);
    this.#count += 1;
    this.#closedCount += 1;
    this.#setStatusAt(this.#count - 1, OPEN);
  }

  /** @returns false when no alert that is not closed lies at this position */
  setStatus(position: number, status: AlertStatus): boolean {
    const index = this.#indexOf(position);
    if (index === -1 || this.#flags[index * 2] === CLOSED) return false;
    this.#setStatusAt(index, STATUS[status]);
    if (this.#closedCount > COMPACT_FROM && this.#closedCount * 2 > this.#count) this.#compact();
    return true;
  }

  has(position: number): boolean {
    const index = this.#indexOf(position);
    return index !== -1 && this.#flags[index * 2] !== CLOSED;
  }

  /** @returns null when nothing is open */
  oldestDecidedAtMs(): number | null {
    while (this.#firstOpen < this.#count && this.#flags[this.#firstOpen * 2] !== OPEN) this.#firstOpen += 1;
    return this.#firstOpen < this.#count ? this.#numbers[this.#firstOpen * 4 + 1]! : null;
  }

  /** When the next open review is due: the oldest, since all are given the same time. @returns null when there is none */
  nextDueAtMs(): number | null {
    while (this.#firstReview < this.#count && !this.#isOpenReview(this.#firstReview)) this.#firstReview += 1;
    return this.#firstReview < this.#count ? this.#numbers[this.#firstReview * 4 + 2]! : null;
  }

  /** Positions of the most urgent that are not closed, most urgent first. Looks at all: for rare use. */
  mostUrgent(countMax: number): number[] {
    const indexes: number[] = [];
    for (let i = 0; i < this.#count; i++) if (this.#flags[i * 2] !== CLOSED) indexes.push(i);
    indexes.sort((a, b) => this.#numbers[b * 4 + 3]! - this.#numbers[a * 4 + 3]! || b - a);
    return indexes.slice(0, countMax).map((index) => this.#numbers[index * 4]!);
  }

  snapshot(): OpenAlertsSnapshot {
    this.#compact();
    return {
      numbers: Buffer.from(this.#numbers.buffer, 0, this.#count * 32).toString('base64'),
      flags: Buffer.from(this.#flags.buffer, 0, this.#count * 2).toString('base64'),
    };
  }

  static restore(snapshot: OpenAlertsSnapshot): OpenAlerts {
    const restored = new OpenAlerts();
    const numbers = new Float64Array(new Uint8Array(Buffer.from(snapshot.numbers, 'base64')).buffer);
    const flags = Buffer.from(snapshot.flags, 'base64');
    for (let i = 0; i * 4 < numbers.length; i++) {
      const [position, decidedAtMs, dueAtMs, urgency] = numbers.subarray(i * 4, i * 4 + 4) as unknown as [
        number,
        number,
        number,
        number,
      ];
      restored.add({ position, decidedAtMs, dueAtMs, urgency, critical: flags[i * 2 + 1] === 1 });
      if (flags[i * 2] === DECIDING) restored.setStatus(position, 'deciding');
    }
    return restored;
  }

  #isOpenReview(index: number): boolean {
    return this.#flags[index * 2] === OPEN && !Number.isNaN(this.#numbers[index * 4 + 2]!);
  }

  #setStatusAt(index: number, status: number): void {
    const before = this.#flags[index * 2]!;
    if (before === status) return;
    const sign = status === OPEN ? 1 : before === OPEN ? -1 : 0;
    this.#open += sign;
    if (this.#flags[index * 2 + 1] === 1) this.#critical += sign;
    if (!Number.isNaN(this.#numbers[index * 4 + 2]!)) this.#reviews += sign;
    if (before === CLOSED) this.#closedCount -= 1;
    if (status === CLOSED) this.#closedCount += 1;
    this.#flags[index * 2] = status;
    if (status === OPEN) {
      this.#firstOpen = Math.min(this.#firstOpen, index);
      this.#firstReview = Math.min(this.#firstReview, index);
    }
  }

  #indexOf(position: number): number {
    let low = 0;
    let high = this.#count - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const found = this.#numbers[middle * 4]!;
      if (found === position) return middle;
      if (found < position) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }

  #grow(): void {
    const numbers = new Float64Array(this.#numbers.length * 2);
    numbers.set(this.#numbers);
    this.#numbers = numbers;
    const flags = new Uint8Array(this.#flags.length * 2);
    flags.set(this.#flags);
    this.#flags = flags;
  }

  /** Forgets the closed ones. */
  #compact(): void {
    let kept = 0;
    for (let i = 0; i < this.#count; i++) {
      if (this.#flags[i * 2] === CLOSED) continue;
      this.#numbers.copyWithin(kept * 4, i * 4, i * 4 + 4);
      this.#flags.copyWithin(kept * 2, i * 2, i * 2 + 2);
      kept += 1;
    }
    this.#count = kept;
    this.#closedCount = 0;
    this.#firstOpen = 0;
    this.#firstReview = 0;
  }
}
