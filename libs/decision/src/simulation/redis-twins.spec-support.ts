import { setTimeout as wait } from 'node:timers/promises';
import { openRedisLink, type RedisLink, type Reply } from '@veto/store';
import { Chance } from './chance.spec-support';
import type { PlantedFault } from './planted-faults.spec-support';
import { byName, type Lying } from './redis-data.spec-support';
import { shown, type Command } from './redis-commands.spec-support';
import { RedisWalk } from './redis-walk.spec-support';
import { SimRedisServer, textOf } from './sim-redis-server.spec-support';

const CALL_COUNT = 40;
const NO_ORDER = new Set<string>(['SMEMBERS', 'SCAN']);
const CONNECT_WITHIN_MS = 10_000;

/** An answer, or why there is none. */
type Said = { readonly reply: Reply } | { readonly refusal: string };

/** A Redis with the library in it, and the one that is simulated: both are told the same. */
export class RedisTwins {
  readonly #link: RedisLink;

  private constructor(link: RedisLink) {
    this.#link = link;
  }

  static async connect(url: string): Promise<RedisTwins> {
    const link = openRedisLink(url, () => undefined);
    for (let leftMs = CONNECT_WITHIN_MS; link.runId === null; leftMs -= 10) {
      if (leftMs <= 0) throw new Error(`the Redis at ${url} does not answer`);
      await wait(10);
    }
    return new RedisTwins(link);
  }

  /** @param code of the library, in place of the one that is there */
  async load(code: string): Promise<void> {
    await this.#link.call(['FUNCTION', 'LOAD', 'REPLACE', code]);
  }

  /**
   * One walk: every answer, and what lies there in the end.
   * @returns where the two differ first; null = nowhere
   */
  async walk(seed: number, faults: ReadonlySet<PlantedFault> = new Set()): Promise<string | null> {
    await this.#link.call(['FLUSHALL']);
    const nowMs = await this.#nowMs();
    const simulated = new SimRedisServer({ nowMs }, faults);
    simulated.data.nowMs = nowMs;
    const walk = new RedisWalk(new Chance(seed), simulated.data);
    const commands: Command[] = [];
    const [real, mirrored]: [Promise<Said>[], Said[]] = [[], []];
    for (let i = 0; i < CALL_COUNT; i++) {
      const command = walk.next();
      commands.push(command);
      real.push(this.#call(command));
      mirrored.push(callSimulated(simulated, command));
    }
    const answers = await Promise.all(real);
    const tookMs = (await this.#nowMs()) - nowMs;
    for (const [i, command] of commands.entries()) {
      const [said, expected] = [answers[i]!, mirrored[i]!].map((each) => saidOf(command, each, nowMs)) as [
        Sight,
        Sight,
      ];
      const difference = differenceOf(said, expected, tookMs);
      if (difference !== null) return `seed ${seed}, call ${i + 1}, ${shown(command)}: ${difference}`;
    }
    const difference = this.#differenceOfAll(await this.#all(), simulated.data.all(), tookMs);
    return difference === null ? null : `seed ${seed}, in the end: ${difference}`;
  }

  /** Of the server's clock. */
  async #nowMs(): Promise<number> {
    const [seconds, micros] = (await this.#link.call(['TIME'])) as readonly Buffer[];
    return Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000);
  }

  async #call(command: Command): Promise<Said> {
    try {
      return { reply: await this.#link.call(command) };
    } catch (error) {
      return { refusal: (error as Error).message };
    }
  }

  async #all(): Promise<ReadonlyMap<string, Lying>> {
    const keys = (await this.#link.call(['KEYS', '*'])) as readonly Buffer[];
    const lying = await Promise.all(keys.map(async (key) => this.#lying(key)));
    return new Map(keys.map((key, i) => [key.toString(), lying[i]!]));
  }

  async #lying(key: Buffer): Promise<Lying> {
    const ask = async <T extends Reply>(...command: Command): Promise<T> =>
      (await this.#link.call(command)) as T;
    const texts = (of: readonly Buffer[]): string[] => of.map((each) => each.toString());
    const type = String(await ask('TYPE', key));
    switch (type) {
      case 'string': {
        const [bytes, untilMs] = await Promise.all([
          ask<Buffer>('GET', key),
          ask<number>('PEXPIRETIME', key),
        ]);
        return { type, bytes, untilMs: untilMs < 0 ? Infinity : untilMs };
      }
      case 'zset': {
        const scores = await ask<readonly (readonly [Buffer, number])[]>(
          'ZRANGE',
          key,
          '0',
          '-1',
          'WITHSCORES',
        );
        return { type, scores: byName(scores.map(([name, score]) => [name.toString(), score] as const)) };
      }
      case 'set':
        return { type, members: texts(await ask<readonly Buffer[]>('SMEMBERS', key)).sort() };
      case 'hash': {
        const [names, values] = await Promise.all([
          ask<readonly Buffer[]>('HKEYS', key),
          ask<readonly Buffer[]>('HVALS', key),
        ]);
        return {
          type,
          fields: byName(texts(names).map((name, i) => [name, values[i]!.toString()] as const)),
        };
      }
      default:
        throw new Error(`${key.toString()} is a ${type}`);
    }
  }

  #differenceOfAll(
    real: ReadonlyMap<string, Lying>,
    simulated: ReadonlyMap<string, Lying>,
    tookMs: number,
  ): string | null {
    for (const key of new Set([...real.keys(), ...simulated.keys()])) {
      const difference = differenceOf(sightOf(real.get(key)), sightOf(simulated.get(key)), tookMs);
      if (difference !== null) return `${key}: ${difference}`;
    }
    return null;
  }

  close(): void {
    this.#link.close();
  }
}

function callSimulated(server: SimRedisServer, command: Command): Said {
  const { data } = server;
  const [name, key = '', field = '', value = ''] = command.map(textOf);
  if (name === 'DEL') return { reply: data.remove(key) };
  if (name === 'HSET') {
    const isNew = data.field(key, field) === null;
    data.setField(key, field, value);
    return { reply: isNew ? 1 : 0 };
  }
  try {
    return { reply: server.call(command) };
  } catch (error) {
    return { refusal: (error as Error).message };
  }
}

/** What must be the same, and times, of which the two need only be as far apart as the walk took. */
interface Sight {
  readonly same: string;
  readonly timesMs: readonly number[];
}

function differenceOf(real: Sight, simulated: Sight, tookMs: number): string | null {
  if (real.same !== simulated.same) {
    const at = [...real.same].findIndex((letter, i) => letter !== simulated.same[i]);
    const from = Math.max(0, at - 20);
    const part = (text: string): string => `${text.length}: ${JSON.stringify(text.slice(from, from + 120))}`;
    return `Redis has ${part(real.same)}, the simulation ${part(simulated.same)}`;
  }
  for (const [i, timeMs] of real.timesMs.entries()) {
    const expectedMs = simulated.timesMs[i]!;
    // Both may last for ever.
    if (timeMs !== expectedMs && !(Math.abs(timeMs - expectedMs) <= tookMs + 1))
      return `Redis has ${timeMs} ms, the simulation ${expectedMs}`;
  }
  return null;
}

function saidOf(command: Command, said: Said, nowMs: number): Sight {
  if ('refusal' in said) return { same: `refused: ${said.refusal}`, timesMs: [] };
  const { reply } = said;
  // How long somebody's decisions may be unseen is counted from the moment of the answer.
  if (textOf(command[1] ?? '').endsWith('_look') && Array.isArray(reply))
    return { same: saying(reply.slice(0, 2)), timesMs: [nowMs + Number(reply[2])] };
  return { same: saying(reply, NO_ORDER.has(command[0])), timesMs: [] };
}

function saying(reply: Reply, isAnyOrder = false): string {
  if (reply === null || typeof reply === 'number') return String(reply);
  if (Buffer.isBuffer(reply)) return `'${reply.toString('latin1')}'`;
  const parts = (reply as readonly Reply[]).map((part) => saying(part, isAnyOrder));
  return `[${(isAnyOrder ? parts.sort() : parts).join(', ')}]`;
}

function sightOf(lying: Lying | undefined): Sight {
  switch (lying?.type) {
    case undefined:
      return { same: 'nothing', timesMs: [] };
    case 'string':
      return { same: saying(lying.bytes), timesMs: [lying.untilMs] };
    case 'zset':
      return { same: JSON.stringify(lying.scores), timesMs: [] };
    case 'set':
      return { same: JSON.stringify(lying.members), timesMs: [] };
    case 'hash':
      return {
        same: JSON.stringify(lying.fields.map(([name]) => name)),
        timesMs: lying.fields.flatMap(([, value]) => value.split('|').map(Number)),
      };
  }
}
