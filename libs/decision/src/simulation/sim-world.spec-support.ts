import { Chance } from './chance.spec-support';
import { aLabelFor, anotherBody, aPayment, keyOf, type Payment } from './journal.spec-support';
import type { PlantedFault } from './planted-faults.spec-support';
import { RedisData } from './redis-data.spec-support';
import { aRevision } from './sim-revision.spec-support';
import { SimBroker } from './sim-broker.spec-support';
import { SimClients } from './sim-clients.spec-support';
import { SimInstance } from './sim-instance.spec-support';
import { SimRedisServer } from './sim-redis-server.spec-support';
import { VirtualTime } from './virtual-time.spec-support';
import { WEATHERS, WORK, type Deed, type Trouble, type Weather, type Work } from './weather.spec-support';

const WEATHER_NAMES = Object.keys(WEATHERS) as Weather[];
const RECENT_COUNT = 16;
const PAUSE_MS = 12;
const WAIT_MS = 200;
const ATTEMPT_COUNT_MAX = 4;
const STREAM_COUNT_MAX = 5;
const BOOT_MS = 400;
const SETTLE_STEP_MS = 500;
const SETTLE_WITHIN_MS = 60_000;

export interface SimWorldOptions {
  readonly seed: number;
  readonly operationCount: number;
  readonly faults: ReadonlySet<PlantedFault>;
  readonly trace?: (line: string) => void;
}

/** Instances, what they share, who asks them, and what becomes of them: all of one seed. */
export class SimWorld {
  readonly time = new VirtualTime();
  readonly broker: SimBroker;
  readonly servers: readonly SimRedisServer[];
  readonly instances: readonly SimInstance[];
  readonly clients: SimClients;
  readonly weather: Weather;
  readonly mistakes: unknown[] = [];
  /** Whether a Redis came back without its end. */
  wentBack = false;
  readonly #chance: Chance;
  readonly #options: SimWorldOptions;
  readonly #weights: Readonly<Record<Deed, number>>;

  constructor(options: SimWorldOptions) {
    const { seed, faults } = options;
    this.#options = options;
    this.broker = new SimBroker(faults);
    const chance = new Chance(seed);
    this.#chance = chance;
    this.weather = chance.pick(WEATHER_NAMES);
    this.#weights = { ...WORK, ...WEATHERS[this.weather] };
    const lostShare = this.weather === 'log' || this.weather === 'storm' ? 0.06 : 0;
    const shardCount = chance.isTrue(0.2) ? 2 : 1;
    this.servers = Array.from({ length: shardCount }, () => new SimRedisServer(this.time, faults));
    const onMistake = (mistake: unknown): void => void this.mistakes.push(mistake);
    const shared = { time: this.time, chance, servers: this.servers, broker: this.broker, lostShare, faults };
    this.instances = Array.from(
      { length: 2 + chance.below(2) },
      (_, index) => new SimInstance({ ...shared, index, onMistake }),
    );
    const { time, instances } = this;
    this.clients = new SimClients({ time, chance, instances, onMistake });
  }

  /** All of a seed: what happens, and then peace, until everybody was told and everything is where it belongs. */
  async run(): Promise<boolean> {
    for (const instance of this.instances) instance.start();
    await this.time.runUntil(BOOT_MS);
    for (let i = 0; i < this.#options.operationCount; i++) {
      const deed = this.#chance.weighted(this.#weights);
      this.#options.trace?.(`${this.time.nowMs.toFixed(2)} ${deed}`);
      if (deed === 'wait') await this.time.runUntil(this.time.nowMs + this.#chance.around(WAIT_MS));
      else this.#do(deed);
      // Now and then several things at once.
      if (this.#chance.isTrue(0.7)) await this.time.runUntil(this.time.nowMs + this.#chance.around(PAUSE_MS));
    }
    this.#heal();
    if (!(await this.#settled())) return false;
    this.#askTheRest();
    if (!(await this.#settled())) return false;
    const { labels } = this.clients.journal;
    for (const sent of labels) if (!sent.isAcknowledged) this.clients.label(sent, this.#anInstance(), 20);
    return this.#settled();
  }

  #do(deed: Work | Trouble): void {
    const { clients, time } = this;
    const chance = this.#chance;
    switch (deed) {
      case 'payment':
        return clients.ask(this.#newPayment(), this.#anInstance(), ATTEMPT_COUNT_MAX);
      case 'again':
        return this.#withRecent((payment) => clients.ask(payment, this.#anInstance(), 2));
      case 'other_body':
        return this.#withRecent((payment) => clients.ask(anotherBody(payment), this.#anInstance(), 2));
      case 'stream': {
        const count = 1 + chance.below(STREAM_COUNT_MAX);
        const payments = Array.from({ length: count }, () => this.#newPayment());
        return clients.stream(payments, this.#anInstance(), ATTEMPT_COUNT_MAX);
      }
      case 'label':
        return this.#withRecent(({ tenantId, ...payment }) => {
          const label = aLabelFor({ tenantId, ...payment }, chance.isTrue(0.5));
          const sent = { tenantId, label, isAcknowledged: false };
          clients.journal.labels.push(sent);
          clients.label(sent, this.#anInstance(), ATTEMPT_COUNT_MAX);
        });
      case 'revision':
        return this.#withRecent((payment) => aRevision(this.#anInstance(), payment, time));
      default:
        return this.#trouble(deed);
    }
  }

  #newPayment(): Payment {
    const { payments } = this.clients.journal;
    const payment = aPayment(this.#chance, { number: payments.length, nowMs: this.time.nowMs });
    payments.push(payment);
    return payment;
  }

  #anInstance(): SimInstance {
    return this.#chance.pick(this.instances);
  }

  #withRecent(use: (payment: Payment) => void): void {
    const recent = this.clients.journal.payments.slice(-RECENT_COUNT);
    if (recent.length > 0) use(this.#chance.pick(recent));
  }

  #trouble(trouble: Trouble): void {
    const { time, broker } = this;
    const chance = this.#chance;
    const instance = this.#anInstance();
    const shard = chance.below(this.servers.length);
    const server = this.servers[shard]!;
    const soon = time.nowMs + chance.around(150);
    switch (trouble) {
      case 'kill':
        return this.#midway(instance, () => {
          if (!instance.isUp) return;
          instance.kill();
          time.after(chance.around(150), () => instance.start(), null);
        });
      case 'stop':
        return this.#midway(instance, () => instance.stop(this.#untilAfterStop()));
      case 'break':
        return instance.toServers[shard]!.breakLinks();
      case 'stall':
        return (chance.isTrue(0.7) ? instance.toServers[shard]! : instance.toBroker).stall(soon);
      case 'slow':
        return (chance.isTrue(0.7) ? instance.toServers[shard]! : instance.toBroker).slow(soon, 30);
      case 'broker_away':
        broker.isUp = false;
        time.after(chance.around(400), () => (broker.isUp = true), null);
        return;
      case 'disk_full':
        instance.disk.isFull = true;
        time.at(soon, () => (instance.disk.isFull = false), null);
        return;
      case 'redis_lost':
        server.data = new RedisData();
        if (chance.isTrue(0.5)) time.after(chance.around(300), () => this.#stopLeader(), null);
        return;
      case 'redis_restart':
      case 'redis_back':
        return this.#restart(server, trouble === 'redis_back' ? chance.around(60) : 0);
    }
  }

  /** As likely as not while it decides a payment. */
  #midway(instance: SimInstance, strike: () => void): void {
    if (this.#chance.isTrue(0.5)) return strike();
    this.clients.ask(this.#newPayment(), instance, ATTEMPT_COUNT_MAX);
    this.time.after(this.#chance.around(1.5), strike, null);
  }

  /** For a moment, or for longer than anybody waits. */
  #untilAfterStop(): number {
    const chance = this.#chance;
    return this.time.nowMs + (chance.isTrue(0.4) ? chance.between(2_000, 5_000) : chance.around(150));
  }

  /** Whoever makes the state anew stands still for longer than its lease. */
  #stopLeader(): void {
    for (const instance of this.instances)
      if (instance.running?.store.status().some(({ isLeading }) => isLeading) === true)
        instance.stop(this.time.nowMs + this.#chance.between(2_100, 4_000));
  }

  /** It comes back as it was so long before it went. */
  #restart(server: SimRedisServer, lostMs: number): void {
    const { time } = this;
    if (!server.isUp) return;
    const kept = lostMs > 0 ? server.data.copy() : null;
    time.after(
      lostMs,
      () => {
        if (!server.isUp) return;
        server.kill();
        const data = kept ?? server.data.copy();
        this.wentBack ||= kept !== null;
        time.after(this.#chance.around(60), () => server.start(data), null);
      },
      null,
    );
  }

  #heal(): void {
    this.broker.isUp = true;
    for (const instance of this.instances) {
      for (const network of [instance.toBroker, ...instance.toServers]) network.heal();
      instance.disk.isFull = false;
      instance.stop(0);
    }
  }

  /** Everybody runs, everything is on the log, and nothing is pending. */
  async #settled(): Promise<boolean> {
    const deadlineMs = this.time.nowMs + SETTLE_WITHIN_MS;
    do {
      await this.time.runUntil(this.time.nowMs + SETTLE_STEP_MS);
      this.broker.isUp = true;
      if (this.whyUnsettled() === null) return true;
    } while (this.time.nowMs < deadlineMs);
    return false;
  }

  /** @returns null when all is settled */
  whyUnsettled(): string | null {
    const { servers, broker, clients } = this;
    if (!clients.isIdle) return 'clients are waiting';
    for (const { index, running, disk } of this.instances) {
      if (running === null) return `instance ${index} is not up`;
      if (!running.log.isDrained) return `instance ${index} has records in its write-ahead file`;
      for (const { shard, state, why } of running.store.status())
        if (state !== 'serving') return `shard ${shard} is ${state} at instance ${index}: ${String(why)}`;
      for (const [name, { length }] of broker.partitions)
        if ((disk.copyNext.get(name) ?? 0) < length) return `instance ${index} has not copied ${name}`;
    }
    for (const [shard, { data }] of servers.entries()) {
      const tag = `{v${shard}}`;
      for (const epoch of data.members(`${tag}generations`))
        for (const list of ['p', 'u'])
          if (data.scoredCount(`${tag}${list}${epoch.toString()}`) > 0)
            return `places of shard ${shard}, epoch ${epoch.toString()} are not known to be logged (${list})`;
      if (data.scoredCount(`${tag}labels`) > 0) return `labels of shard ${shard} are not known to be logged`;
    }
    return null;
  }

  /** Who was never told asks until he is, and some ask once more. */
  #askTheRest(): void {
    const { journal } = this.clients;
    for (const payment of journal.payments) {
      const isTold = journal.answered.has(keyOf(payment));
      if (!isTold || this.#chance.isTrue(0.08)) this.clients.ask(payment, this.#anInstance(), 20);
    }
  }
}
