import { HISTORY_RECORD_BYTES, HISTORY_SEQ_OFFSET } from '@veto/domain';
import type { RedisArgument } from '@veto/store';
import { textOf } from './sim-redis-server.spec-support';

export type Command = readonly [string, ...RedisArgument[]];

export const EPOCHS = ['1', '2'] as const;
export const [OPEN, SEQ, LABELS, INSTANCES, GENERATIONS, LEAD] = [
  '{v0}open',
  '{v0}seq',
  '{v0}labels',
  '{v0}instances',
  '{v0}generations',
  '{v0}lead',
];
export const ENTITIES = ['{v0}h1|card', '{v0}h1|device', '{v0}h1|ip', '{v0}h2|card'];
export const LISTS = [LABELS, ...EPOCHS.flatMap((epoch) => [pendingOf(epoch), unloggedOf(epoch)])];
const HEAD_BYTES = 47;
/** Where an id begins in its claim's key; from 1 on, as in Lua. */
export const NAME_AT = '7';

/** How often each is called. */
export const CALLS = {
  begin: 12,
  commit: 10,
  label: 5,
  look: 6,
  lease: 3,
  release: 2,
  close: 1,
  load: 3,
  open: 3,
  expired: 2,
  heard: 4,
  read: 3,
  keep: 1,
  listed: 2,
  logged: 1,
  relisted: 1,
} as const;

/** A claim whose tag, epoch and rest are as the store's; what lies between differs by whose claim it is. */
export function claimOf(epoch: string, rest: string, whose = 'f'): Buffer {
  const claim = Buffer.alloc(HEAD_BYTES + rest.length, whose);
  claim[0] = 0x50;
  claim.writeUInt32LE(Number(epoch), 33);
  claim.write(rest, HEAD_BYTES);
  return claim;
}

export function decidedClaim(claim: Buffer): Buffer {
  claim[0] = 0x44;
  return claim;
}

/** Of entities, before the record that goes to them. */
export function countOf(places: Buffer): Buffer {
  const count = Buffer.alloc(2);
  count.writeUInt16BE(places.length / 2);
  return count;
}

/** So many records up to a seq; a step of 0 = all have it. */
export function historyOf(count: number, lastSeq: number, step: number): Buffer {
  const history = Buffer.alloc(count * HISTORY_RECORD_BYTES, count % 256);
  for (let i = 0; i < count; i++) {
    const seq = Math.max(1, lastSeq - (count - 1 - i) * step);
    history.writeUIntLE(seq, i * HISTORY_RECORD_BYTES + HISTORY_SEQ_OFFSET, 6);
  }
  return history;
}

export function pendingOf(epoch: string): string {
  return `{v0}p${epoch}`;
}

export function unloggedOf(epoch: string): string {
  return `{v0}u${epoch}`;
}

export function claimKeyOf(name: string): string {
  return `{v0}c|${name}`;
}

/** For people. */
export function shown(command: Command): string {
  return command
    .map((argument) => textOf(argument).replace(/[^ -~]+/g, '·'))
    .map((text) => (text.length > 40 ? `${text.slice(0, 20)}…${text.slice(-12)}` : text))
    .join(' ');
}
