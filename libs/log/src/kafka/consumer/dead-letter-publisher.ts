import { CompressionTypes, Partitioners, type Kafka, type Message, type Producer } from 'kafkajs';
import { kafkaErrorNames } from '../kafka-error';
import type { MessageHeaders } from '../kafkajs-names';
import { encodeDeadLetter, withoutValue, type DeadLetter, type DeadLetterOrigin } from './dead-letter';
import { Fifo } from './fifo';

type DeadLetterMessage = Message & { headers: MessageHeaders };

interface WaitingLetter {
  readonly message: DeadLetterMessage;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

const LETTERS_PER_SEND_MAX = 500;
/** Half of what a topic takes by default, before it is packed. */
const BYTES_PER_SEND_MAX = 512 * 1024;
const TOO_LARGE = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE']);

export interface DeadLetterPublisherOptions {
  readonly kafka: Kafka;
  readonly topic: string;
  readonly origin: DeadLetterOrigin;
}

/** Writes dead letters, whatever gathers while a send is under way in the next one. Connects at the first. */
export class DeadLetterPublisher {
  readonly #options: DeadLetterPublisherOptions;
  readonly #waiting = new Fifo<WaitingLetter>();
  #producer: Promise<Producer> | null = null;
  #sending: Promise<void> | null = null;

  constructor(options: DeadLetterPublisherOptions) {
    this.#options = options;
  }

  /** Resolves when every replica that must have it has it. Rejects with the error of the broker; then try again. */
  async publish(letter: DeadLetter): Promise<void> {
    const message = encodeDeadLetter(letter, this.#options.origin);
    await new Promise<void>((resolve, reject) => {
      this.#waiting.push({ message, resolve, reject });
      this.#sending ??= this.#sendWaiting();
    });
  }

  async close(): Promise<void> {
    await this.#sending;
    await this.#disconnect();
  }

  async #sendWaiting(): Promise<void> {
    while (this.#waiting.length > 0) {
      const letters = this.#takeSome();
      try {
        await this.#send(letters.map((letter) => letter.message));
        for (const letter of letters) letter.resolve();
      } catch (error) {
        await this.#disconnect();
        for (const letter of letters) letter.reject(error);
      }
    }
    this.#sending = null;
  }

  #takeSome(): readonly WaitingLetter[] {
    const letters: WaitingLetter[] = [];
    let bytes = 0;
    while (letters.length < LETTERS_PER_SEND_MAX && bytes < BYTES_PER_SEND_MAX) {
      const letter = this.#waiting.shift();
      if (letter === undefined) break;
      letters.push(letter);
      bytes += letter.message.value === null ? 0 : Buffer.byteLength(letter.message.value);
    }
    return letters;
  }

  async #send(messages: readonly DeadLetterMessage[]): Promise<void> {
    try {
      await this.#sendOnce(messages);
    } catch (error) {
      if (!kafkaErrorNames(error).some((name) => TOO_LARGE.has(name))) throw error;
      for (const message of messages) await this.#sendLarge(message);
    }
  }

  /** What the topic does not take at all is set aside without its value: better than to stand before it for ever. */
  async #sendLarge(message: DeadLetterMessage): Promise<void> {
    try {
      await this.#sendOnce([message]);
    } catch (error) {
      if (!kafkaErrorNames(error).some((name) => TOO_LARGE.has(name))) throw error;
      await this.#sendOnce([withoutValue(message)]);
    }
  }

  async #sendOnce(messages: readonly DeadLetterMessage[]): Promise<void> {
    this.#producer ??= this.#connect();
    const producer = await this.#producer;
    await producer.send({
      topic: this.#options.topic,
      acks: -1,
      compression: CompressionTypes.GZIP,
      messages: [...messages],
    });
  }

  async #connect(): Promise<Producer> {
    const producer = this.#options.kafka.producer({
      allowAutoTopicCreation: false,
      createPartitioner: deadLetterPartitioner,
    });
    await producer.connect();
    return producer;
  }

  /** A producer keeps every topic that it ever wrote to in mind, and fails for all when one of them goes: a new one does not. */
  async #disconnect(): Promise<void> {
    const producer = this.#producer;
    this.#producer = null;
    await (await producer?.catch(() => null))?.disconnect().catch(() => undefined);
  }
}

/** By key as everywhere; without a key by the original partition, so that another attempt goes to the same place. */
function deadLetterPartitioner(): ReturnType<typeof Partitioners.DefaultPartitioner> {
  const byKey = Partitioners.DefaultPartitioner();
  return (args) =>
    args.message.key === null || args.message.key === undefined
      ? Number(args.message.headers?.['dlq.partition'] ?? 0) % args.partitionMetadata.length
      : byKey(args);
}
