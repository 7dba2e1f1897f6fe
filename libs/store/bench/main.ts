import { benchEmbeddedStore } from '../src/embedded/embedded-state-store.bench';

const result = await benchEmbeddedStore({ stopwatch: () => performance.now(), paymentCount: 200_000, entityCount: 1_000_000 });
const figures = Object.fromEntries(Object.entries(result).map(([name, value]: [string, number]) => [name, Math.round(value)]));
process.stdout.write(`${JSON.stringify({ bench: 'embedded-store', node: process.version, ...figures })}\n`);
