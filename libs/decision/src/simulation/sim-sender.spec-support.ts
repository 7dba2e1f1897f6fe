import { VetoError } from '@veto/domain';
import type { KafkaWriterOptions, RoutedRecord } from '@veto/log';
import type { Chance } from './chance.spec-support';
import type { Network } from './network.spec-support';
import type { SimBroker } from './sim-broker.spec-support';
import type { Owner, VirtualTime } from './virtual-time.spec-support';

const DEADLINE_MS = 10_000;
/** What a broker takes for an append that all its replicas acknowledge. */
const COMMIT_MS = 0.8;

export interface SimSenderOptions {
  readonly time: VirtualTime;
  readonly chance: Chance;
  readonly owner: Owner;
  readonly network: Network;
  readonly broker: SimBroker;
  /** How often a request, or the answer to it, is lost. */
  readonly lostShare: number;
}

/** Requests to the broker: when one fails or is late, nobody knows whether its records are on the log, or will be. */
export class SimSender {
  readonly #options: SimSenderOptions;

  constructor(options: SimSenderOptions) {
    this.#options = options;
  }

  readonly send: KafkaWriterOptions['sender']['send'] = (records: readonly RoutedRecord[]) => {
    const { time, chance, owner, network, broker, lostShare } = this.#options;
    return new Promise<readonly number[]>((resolve, reject) => {
      const refuse = (why: string): void =>
        reject(new VetoError('log_unavailable', why, { retryable: true, cause: new Error(why) }));
      time.after(DEADLINE_MS, () => refuse('no answer'), owner);
      const breaks = (): void => {
        time.at(network.arrival(time.nowMs), () => refuse('the connection broke'), owner);
      };
      time.at(
        network.arrival(time.nowMs) + chance.around(COMMIT_MS),
        () => {
          // A broker that is away says so at once, or not at all.
          if (!broker.isUp) return chance.isTrue(0.5) ? breaks() : undefined;
          if (chance.isTrue(lostShare)) return this.#loseRequest(records, breaks);
          const offsets = broker.append(records, time.nowMs);
          if (chance.isTrue(lostShare)) return chance.isTrue(0.5) ? breaks() : undefined;
          time.at(network.arrival(time.nowMs), () => resolve(offsets), owner);
        },
        null,
      );
    });
  };

  /** It broke off: none of it arrives, or some partitions' part does, now or much later. */
  #loseRequest(records: readonly RoutedRecord[], breaks: () => void): void {
    const { time, chance, broker } = this.#options;
    if (chance.isTrue(0.7)) breaks();
    const arrived = new Set([0, 1, 2].filter(() => chance.isTrue(0.4)));
    const part = records.filter(({ partition }) => arrived.has(partition));
    time.after(
      chance.isTrue(0.5) ? 0 : chance.around(200),
      () => broker.isUp && broker.append(part, time.nowMs),
      null,
    );
  }

  readonly close = (): Promise<void> => Promise.resolve();
}
