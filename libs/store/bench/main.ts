import { benchEmbeddedStore } from '../src/embedded/embedded-state-store.bench';

/** Processor time of this process: what else the machine does then does not count. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

const result = await benchEmbeddedStore({ stopwatch: cpuMs, paymentCount: 200_000, entityCount: 1_000_000 });
const figures = Object.fromEntries(
  Object.entries(result).map(([name, value]: [string, number]) => [name, Number(value.toPrecision(4))]),
);
process.stdout.write(`${JSON.stringify({ bench: 'embedded-store', node: process.version, ...figures })}\n`);
