import { Circuit, type CircuitOptions } from './circuit';

/** The circuit of each partition; it outlives connections and rebalances. */
export class Circuits {
  readonly #options: CircuitOptions;
  readonly #circuits = new Map<
    string,
    { readonly topic: string; readonly partition: number; readonly circuit: Circuit }
  >();

  constructor(options: CircuitOptions) {
    this.#options = options;
  }

  of(topic: string, partition: number): Circuit {
    const name = `${topic}/${partition}`;
    const known = this.#circuits.get(name);
    if (known !== undefined) return known.circuit;
    const circuit = new Circuit(this.#options);
    this.#circuits.set(name, { topic, partition, circuit });
    return circuit;
  }

  /** Those that have been open long enough for another attempt. */
  due(
    nowMs: number,
  ): readonly { readonly topic: string; readonly partition: number; readonly circuit: Circuit }[] {
    return [...this.#circuits.values()].filter(({ circuit }) => circuit.isBroken && !circuit.isOpen(nowMs));
  }
}
