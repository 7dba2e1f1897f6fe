import type { Session } from './shard-calls';
import type { ShardEvent, ShardStatus } from './shard-status';

/** So many calls in a row that were not answered in time, and nothing more is asked until a look is answered in time. */
const MISSES_MAX = 3;

/** What an instance knows of one shard, and whether it asks it. */
export class ShardStanding {
  /** While this instance makes the state anew. */
  isLeading = false;
  readonly #shard: number;
  readonly #onEvent: (event: ShardEvent) => void;
  #session: Session | null = null;
  #state: ShardStatus['state'] = 'local';
  #why: string | null = 'not yet looked at';
  #missCount = 0;
  #isBreakerOpen = false;
  #doubtUntilMs = 0;
  #decidedLocally = false;
  #isClosed = false;

  constructor(options: { readonly shard: number; readonly onEvent: (event: ShardEvent) => void }) {
    this.#shard = options.shard;
    this.#onEvent = options.onEvent;
  }

  get status(): ShardStatus {
    return {
      shard: this.#shard,
      state: this.#state,
      epoch: this.epoch,
      seq: this.#session?.seqSeen ?? 0,
      isProvisional: this.isProvisional,
      isLeading: this.isLeading,
      why: this.#why,
    };
  }

  get state(): ShardStatus['state'] {
    return this.#state;
  }

  /** Why the shard is not asked; null while it is. */
  get why(): string | null {
    return this.#why;
  }

  /** The epoch that is served, or was last; null before the first. */
  get session(): Session | null {
    return this.#session;
  }

  get epoch(): number {
    return this.#session?.epoch ?? 0;
  }

  /** Whether others may have decided unseen. */
  get isProvisional(): boolean {
    return performance.now() < this.#doubtUntilMs;
  }

  doubtFor(ms: number): void {
    this.#doubtUntilMs = Math.max(this.#doubtUntilMs, performance.now() + ms);
  }

  /** Something was decided by this process alone: the others are told with the next look that is answered. */
  noteLocal(): void {
    this.#decidedLocally = true;
  }

  get decidedLocally(): boolean {
    return this.#decidedLocally;
  }

  /** The others were told. */
  noteLocalTold(): void {
    this.#decidedLocally = false;
  }

  noteAnswered(): void {
    this.#missCount = 0;
  }

  noteMiss(why: string): void {
    this.#missCount += 1;
    if (this.#missCount < MISSES_MAX || this.#isBreakerOpen) return;
    this.#isBreakerOpen = true;
    this.become('local', why);
  }

  /** A look was answered in time: the shard may be asked again. */
  closeBreaker(): void {
    this.#isBreakerOpen = false;
    this.#missCount = 0;
  }

  adopt(session: Session): void {
    this.#session = session;
    this.#onEvent({ type: 'epoch_adopted', shard: this.#shard, epoch: session.epoch });
    this.serve();
  }

  serve(): void {
    if (!this.#isBreakerOpen) this.become('serving', null);
  }

  /** The state is not to be used, or not yet: nobody is asked. */
  become(state: ShardStatus['state'], why: string | null): void {
    const hasChanged = state !== this.#state;
    this.#state = state;
    this.#why = why;
    if (hasChanged && !this.#isClosed) this.#onEvent({ type: 'state_changed', status: this.status });
  }

  /** It is why a look failed, while nothing is served anyway. */
  noteLookFailed(why: string): void {
    if (this.#state === 'serving') this.noteMiss(why);
    else this.#why = why;
  }

  close(): void {
    this.#isClosed = true;
  }
}
