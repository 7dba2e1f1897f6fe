import { VetoError, type StateStore } from '@veto/domain';
import { featureSet } from '@veto/features';
import { compileRuleset, startingRules } from '@veto/rules';
import { openRedisStore, type RedisStore } from '@veto/store';
import { aScorer, withCalls } from '../a-line.spec-support';
import { createFailOpenBook } from '../fail-open-book';
import { historyEventOf } from '../history-event-of';
import type { Line } from '../line';
import { createListBook } from '../list-book';
import { createScoringDoor, type ScoringDoor } from '../scoring-door';
import { startingPolicy } from '../starting-policy';
import { createStreamDoor, type StreamDoor } from '../stream-door';
import { sweepOrphans } from '../sweep-orphans';
import type { Chance } from './chance.spec-support';
import { START_MS } from './journal.spec-support';
import { Network } from './network.spec-support';
import type { PlantedFault } from './planted-faults.spec-support';
import type { SimBroker } from './sim-broker.spec-support';
import { SimDisk } from './sim-disk.spec-support';
import { SimLog } from './sim-log.spec-support';
import { SimRedisLink } from './sim-redis-link.spec-support';
import type { SimRedisServer } from './sim-redis-server.spec-support';
import type { Owner, VirtualTime } from './virtual-time.spec-support';

const RULESET = compileRuleset(startingRules, featureSet);
/** No two instances ever agree about a payment by themselves. */
const SCORERS = [0.001, 0.002, 0.003].map((score) => aScorer(() => score));

export const DOUBT_MS = 3_000;
const SWEEP_EVERY_MS = 1_000;
const ORPHAN_AGE_MS = 2_000;
const SWEEP_COUNT_MAX = 64;

/** A process that runs. */
export interface Running {
  readonly owner: Owner;
  readonly log: SimLog;
  readonly store: RedisStore;
  readonly line: Line;
  readonly door: ScoringDoor;
  readonly stream: StreamDoor;
}

export interface SimInstanceOptions {
  readonly index: number;
  readonly time: VirtualTime;
  readonly chance: Chance;
  readonly servers: readonly SimRedisServer[];
  readonly broker: SimBroker;
  readonly lostShare: number;
  readonly faults: ReadonlySet<PlantedFault>;
  readonly onMistake: (mistake: unknown) => void;
}

/** One scoring instance: its disk outlives its processes. */
export class SimInstance {
  readonly index: number;
  readonly disk = new SimDisk();
  readonly toBroker: Network;
  /** One for each Redis. */
  readonly toServers: readonly Network[];
  readonly #options: SimInstanceOptions;
  readonly #skewMs: number;
  #owner: Owner | null = null;
  running: Running | null = null;

  constructor(options: SimInstanceOptions) {
    this.#options = options;
    this.index = options.index;
    this.toBroker = new Network(options.chance);
    this.toServers = options.servers.map(() => new Network(options.chance));
    this.#skewMs = Math.round(options.chance.between(-2_000, 2_000));
  }

  get isUp(): boolean {
    return this.#owner !== null;
  }

  start(): void {
    const { time } = this.#options;
    const owner: Owner = { isAlive: true, stoppedUntilMs: 0 };
    this.#owner = owner;
    time.after(1, () => void this.#open(owner).catch(this.#options.onMistake), owner);
  }

  /** At any point of what it is doing. */
  kill(): void {
    if (this.#owner === null) return;
    this.#owner.isAlive = false;
    this.#owner = null;
    this.running = null;
    this.disk.crash(this.#options.chance);
  }

  /** As by SIGSTOP: what was sent to it waits. */
  stop(untilMs: number): void {
    if (this.#owner !== null) this.#owner.stoppedUntilMs = untilMs;
  }

  async #open(owner: Owner): Promise<void> {
    const { time, chance, servers, faults, index } = this.#options;
    const nowMs = (): number => START_MS + this.#skewMs + Math.floor(time.nowMs);
    const clock = { nowMs };
    const log = new SimLog({
      ...this.#options,
      owner,
      disk: this.disk,
      network: this.toBroker,
      nowMs,
    });
    const store = await openRedisStore({
      urls: servers.map((_, shard) => String(shard)),
      log,
      directory: null,
      clock,
      historyEventOf,
      doubtMs: DOUBT_MS,
      readyWithinMs: 2_000,
      // Nothing that is simulated fills a history: so the short ones are read as long ones are.
      copiedFromCount: 2,
      openLink: (url, onDown) => {
        const [server, network] = [servers[Number(url)]!, this.toServers[Number(url)]!];
        return new SimRedisLink({ time, chance, owner, network, server, onDown });
      },
    });
    const line: Line = {
      store: brokenStore(store, faults),
      log,
      scorer: SCORERS[index % SCORERS.length]!,
      featureSet,
      ruleset: RULESET,
      policy: startingPolicy,
      lists: createListBook(),
      openReviews: () => 0,
      failOpen: createFailOpenBook(),
      clock,
      stopwatch: () => time.nowMs,
      deadlineMs: 1_000,
    };
    this.running = {
      owner,
      log,
      store,
      line,
      door: createScoringDoor(line, { batchesInFlightMax: 2 }),
      stream: createStreamDoor(line),
    };
    this.#sweepEvery(line);
  }

  #sweepEvery(line: Line): void {
    let isSweeping = false;
    setInterval(() => {
      if (isSweeping) return;
      isSweeping = true;
      sweepOrphans(line, {
        ageMs: ORPHAN_AGE_MS,
        countMax: SWEEP_COUNT_MAX,
        onMistake: (_, mistake) => this.#options.onMistake(mistake),
      })
        .catch((error: unknown) => {
          if (!(error instanceof VetoError)) this.#options.onMistake(error);
        })
        .finally(() => {
          isSweeping = false;
        });
    }, SWEEP_EVERY_MS);
  }
}

/** The store, which does not keep the rules that are broken. */
function brokenStore(store: StateStore, faults: ReadonlySet<PlantedFault>): StateStore {
  if (faults.has('doubt_not_told'))
    return withCalls(store, {
      begin: async (requests) =>
        (await store.begin(requests)).map((result) =>
          result.status === 'begun' ? { ...result, provisional: false } : result,
        ),
      commit: async (requests) =>
        (await store.commit(requests)).map((result) => ({ ...result, provisional: false })),
    });
  if (faults.has('repetition_not_looked_up'))
    return withCalls(store, {
      begin: async (requests) =>
        (await store.begin(requests)).map((result) =>
          result.status === 'decided' ? { ...result, isLogged: true } : result,
        ),
    });
  return store;
}
