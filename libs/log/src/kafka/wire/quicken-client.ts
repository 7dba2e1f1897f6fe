import { invariant } from '@veto/domain';
import type { Kafka } from 'kafkajs';
import { decodeFetch } from './decode-fetch';
import { encodeProduce, type ProduceRequest } from './encode-produce';

/** What kafkajs has for one request: how it is written and how its answer is read. */
interface Exchange {
  readonly request: {
    readonly apiVersion: number;
    readonly encode: () => Promise<{ readonly buf: Buffer; readonly buffer: Buffer }>;
  };
  readonly response: {
    readonly decode: (bytes: Buffer) => Promise<unknown>;
    readonly parse: (decoded: unknown) => Promise<unknown>;
  };
}

type MakeExchange = (request: unknown) => Exchange;
type Lookup = (apiKey: number, definition: unknown) => MakeExchange;

interface InnerBroker {
  lookupRequest: Lookup;
}
interface InnerCluster {
  readonly brokerPool: { createBroker: (options: unknown) => InnerBroker };
}
type CreateCluster = (options: object) => InnerCluster;

const PRODUCE = 0;
const PRODUCE_VERSION = 7;
const FETCH = 1;
const FETCH_VERSION = 11;
/** What kafkajs asks with, unless it is said otherwise: topics end for it where the first open transaction begins. */
const READ_COMMITTED = 1;
const READ_UNCOMMITTED = 0;

/**
 * Has a client write the requests to append and read the answers to fetches by our own encoder and decoder, which do the
 * same as its own at a fraction of the cost: every record passes through both. Connections, retries, metadata and groups
 * stay with kafkajs; so does what the two do not know: transactions, packed batches to write, other protocol versions.
 *
 * It reaches into kafkajs 2.2.4, which is the last there will be: each broker looks up its requests by one function.
 */
export function quickenClient(
  kafka: Kafka,
  { countsOpenTransactions = false }: { readonly countsOpenTransactions?: boolean } = {},
): Kafka {
  const isolationLevel = countsOpenTransactions ? READ_UNCOMMITTED : READ_COMMITTED;
  const symbol = Object.getOwnPropertySymbols(kafka).find(
    ({ description }) => description === 'private:Kafka:createCluster',
  );
  invariant(symbol !== undefined, 'kafkajs is another than the one that is known here');
  const client = kafka as unknown as Record<symbol, CreateCluster>;
  const createCluster = client[symbol]!;
  client[symbol] = (options) => {
    const cluster = createCluster({ isolationLevel, ...options });
    const { brokerPool } = cluster;
    const { createBroker } = brokerPool;
    brokerPool.createBroker = (brokerOptions) => quickenBroker(createBroker(brokerOptions));
    return cluster;
  };
  return kafka;
}

/** Its lookup is set anew whenever it connects. */
function quickenBroker(broker: InnerBroker): InnerBroker {
  let lookup = quickLookup(broker.lookupRequest);
  Object.defineProperty(broker, 'lookupRequest', {
    get: () => lookup,
    set: (found: Lookup) => {
      lookup = quickLookup(found);
    },
  });
  return broker;
}

function quickLookup(lookup: Lookup): Lookup {
  return (apiKey, definition) => {
    const make = lookup(apiKey, definition);
    if (apiKey === PRODUCE) return (request) => quickProduce(make(request), request);
    if (apiKey === FETCH) return (request) => quickFetch(make(request));
    return make;
  };
}

function quickProduce(exchange: Exchange, request: unknown): Exchange {
  if (exchange.request.apiVersion !== PRODUCE_VERSION || !isPlain(request)) return exchange;
  const encode = (): Promise<{ buf: Buffer; buffer: Buffer }> => {
    const buffer = encodeProduce(request, Date.now());
    return Promise.resolve({ buf: buffer, buffer });
  };
  return { ...exchange, request: { ...exchange.request, encode } };
}

/** Not packed, of no transaction, by a producer without a number. */
function isPlain(request: unknown): request is ProduceRequest {
  const { compression, transactionalId, producerId } = request as Record<string, unknown>;
  return (
    (compression === undefined || compression === 0) &&
    (transactionalId === undefined || transactionalId === null) &&
    (producerId === undefined || producerId === -1)
  );
}

function quickFetch(exchange: Exchange): Exchange {
  if (exchange.request.apiVersion !== FETCH_VERSION) return exchange;
  const { response } = exchange;
  const decode = async (bytes: Buffer): Promise<unknown> =>
    (await decodeFetch(bytes)) ?? response.decode(bytes);
  return { ...exchange, response: { ...response, decode } };
}
