import type { RedisArgument, Reply } from '@veto/store';
import { RedisData } from './redis-data.spec-support';
import { redisFunctions, type RedisFunction } from './redis-functions.spec-support';
import type { PlantedFault } from './planted-faults.spec-support';
import type { VirtualTime } from './virtual-time.spec-support';

/** A Redis: what it holds, which run of it this is, and whether it is there. Calls are done one after the other. */
export class SimRedisServer {
  readonly #time: Pick<VirtualTime, 'nowMs'>;
  readonly #functions: ReadonlyMap<string, RedisFunction>;
  readonly #listeners = new Set<() => void>();
  data: RedisData;
  isUp = true;
  #run = 1;

  constructor(time: Pick<VirtualTime, 'nowMs'>, faults: ReadonlySet<PlantedFault>) {
    this.#time = time;
    this.data = new RedisData();
    this.#functions = redisFunctions(faults);
  }

  get runId(): string {
    return `run${this.#run}`;
  }

  /** Told when every connection breaks. */
  onDown(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  kill(): void {
    this.isUp = false;
    for (const listener of [...this.#listeners]) listener();
  }

  /** @param data what the new run finds on its disk */
  start(data: RedisData): void {
    this.data = data;
    this.#run += 1;
    this.isUp = true;
  }

  /** @throws Error as Redis refuses */
  call(args: readonly RedisArgument[]): Reply {
    const [name, ...rest] = args;
    const { data } = this;
    data.nowMs = this.#time.nowMs;
    switch (name) {
      case 'FCALL': {
        const keyCount = Number(rest[1]);
        const run = this.#functions.get(textOf(rest[0]!));
        if (run === undefined) throw new Error('ERR Function not found');
        return run(data, rest.slice(2, 2 + keyCount).map(textOf), rest.slice(2 + keyCount));
      }
      case 'GET':
        return data.get(textOf(rest[0]!));
      case 'MGET':
        return rest.map((key) => data.get(textOf(key)));
      case 'GETRANGE':
        // To the end, whatever is asked.
        return (data.get(textOf(rest[0]!)) ?? Buffer.alloc(0)).subarray(Number(rest[1]));
      case 'SET':
        return set(data, rest);
      case 'ZRANGE':
        return data.range(textOf(rest[0]!), Number(rest[2]), rest[3] === 'WITHSCORES');
      case 'ZADD': {
        const key = textOf(rest[0]!);
        const countBefore = data.scoredCount(key);
        for (let i = 1; i < rest.length; i += 2) data.score(key, textOf(rest[i + 1]!), Number(rest[i]));
        return data.scoredCount(key) - countBefore;
      }
      case 'ZREM':
        return data.removeScored(textOf(rest[0]!), rest.slice(1).map(textOf));
      case 'SREM':
        return data.removeMembers(textOf(rest[0]!), rest.slice(1).map(textOf));
      case 'SMEMBERS':
        return data.members(textOf(rest[0]!));
      case 'EXISTS':
        return rest.filter((key) => data.has(textOf(key))).length;
      case 'UNLINK':
        return rest.reduce((count, key) => count + data.remove(textOf(key)), 0);
      case 'HKEYS':
        return data.fields(textOf(rest[0]!)).map(([field]) => Buffer.from(field));
      case 'HMGET':
        return rest.slice(1).map((field) => {
          const value = data.field(textOf(rest[0]!), textOf(field));
          return value === null ? null : Buffer.from(value);
        });
      case 'TIME':
        return [Buffer.from(String(Math.floor(data.nowMs / 1_000))), Buffer.from('0')];
      case 'HDEL':
        return data.removeField(textOf(rest[0]!), textOf(rest[1]!));
      case 'SCAN': {
        const prefix = textOf(rest[2]!).replace(/\*$/, '');
        return [Buffer.from('0'), data.keysFrom(prefix)];
      }
      default:
        throw new Error(`ERR unknown command ${String(name)}`);
    }
  }
}

/** `SET key value`, and `SET key value NX GET EX s`. */
function set(data: RedisData, args: readonly RedisArgument[]): Reply {
  const [key, value, ...options] = args;
  if (options.length === 0) {
    data.set(textOf(key!), bytesOf(value!));
    return Buffer.from('OK');
  }
  const old = data.get(textOf(key!));
  if (options.join(' ').startsWith('NX GET EX') && old === null)
    data.set(textOf(key!), bytesOf(value!), Number(options[3]) * 1_000);
  return old;
}

export function textOf(argument: RedisArgument): string {
  return typeof argument === 'string' ? argument : argument.toString();
}

export function bytesOf(argument: RedisArgument): Buffer {
  return typeof argument === 'string' ? Buffer.from(argument) : Buffer.from(argument);
}
