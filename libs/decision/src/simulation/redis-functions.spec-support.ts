import { HISTORY_RECORD_BYTES, writeHistorySeq } from '@veto/domain';
import type { RedisArgument, Reply } from '@veto/store';
import type { PlantedFault } from './planted-faults.spec-support';
import type { RedisData } from './redis-data.spec-support';
import { bytesOf, textOf } from './sim-redis-server.spec-support';

/** One function of the library in Redis. */
export type RedisFunction = (
  data: RedisData,
  keys: readonly string[],
  args: readonly RedisArgument[],
) => Reply;

const CLAIM_HEAD_BYTES = 47;
const DECIDED = 0x44;
const PENDING = 0x50;
/** How long a begin that is not atomic is behind. */
const STALE_RECORD_COUNT = 1;

/**
 * The library of `redis-function.ts`, rule by rule, but for the cutting of long histories: nothing that is simulated
 * fills one. That the library in Redis keeps these rules is what the store's tests on real parts show.
 */
export function redisFunctions(faults: ReadonlySet<PlantedFault>): ReadonlyMap<string, RedisFunction> {
  return new Map<string, RedisFunction>([
    ['veto1_begin', beginWith(faults)],
    ['veto1_commit', commitWith(faults)],
    ['veto1_label', labelWith(faults)],
    ['veto1_look', look],
    ['veto1_lease', lease],
    ['veto1_release', release],
    ['veto1_close', (data, keys, args) => (fence(data, keys, args, faults), data.remove(keys[1]!))],
    ['veto1_load', (data, keys, args) => (fence(data, keys, args, faults), load(data, keys, args))],
    ['veto1_open', (data, keys, args) => (fence(data, keys, args, faults), open(data, keys, args))],
  ]);
}

/** @throws Error when the epoch is not the caller's, or lacks what he saw */
function lastSeqOf(
  data: RedisData,
  of: { readonly open: string; readonly seq: string; readonly token: string; readonly seen: number },
  faults: ReadonlySet<PlantedFault>,
): number {
  const opened = data.text(of.open);
  if (opened !== of.token && !faults.has('epoch_not_compared'))
    throw new Error(`WRONG_EPOCH ${opened ?? 'none'}`);
  const seq = Number(data.text(of.seq) ?? '0');
  if (seq < of.seen) throw new Error(`BEHIND ${seq}`);
  return seq;
}

function numbered(record: RedisArgument, seq: number): Buffer {
  const own = Buffer.from(bytesOf(record));
  writeHistorySeq(own, seq);
  return own;
}

function append(data: RedisData, key: string, record: Buffer, ttlMs: number): void {
  const before = data.get(key);
  data.set(key, before === null ? record : Buffer.concat([before, record]), ttlMs);
}

function beginWith(faults: ReadonlySet<PlantedFault>): RedisFunction {
  return (data, keys, args) => {
    const [open, seqKey, pending] = [keys[0]!, keys[1]!, keys[2]!];
    let seq = lastSeqOf(data, { open, seq: seqKey, token: textOf(args[0]!), seen: Number(args[1]) }, faults);
    const count = Number(args[2]);
    const [claimTtlMs, ttlMs] = [Number(args[3]) * 1_000, Number(args[4]) * 1_000];
    return Array.from({ length: count }, (_, i) => {
      const at = 5 + 3 * i;
      const claim = keys[3 + i]!;
      const old = data.get(claim);
      if (old !== null && !(faults.has('claim_not_exclusive') && old[0] === PENDING)) return old;
      seq += 1;
      data.set(claim, bytesOf(args[at + 1]!), claimTtlMs);
      data.set(seqKey, Buffer.from(String(seq)));
      data.score(pending, textOf(args[at]!), seq);
      // The record, and which entities, two bytes each.
      const record = numbered(args[at + 2]!, seq);
      for (let from = HISTORY_RECORD_BYTES; from < record.length; from += 2) {
        const key = keys[3 + count + record.readUInt16BE(from)]!;
        append(data, key, record.subarray(0, HISTORY_RECORD_BYTES), ttlMs);
        if (faults.has('begin_not_atomic')) hideLatest(data, key, ttlMs);
      }
      return seq;
    });
  };
}

/** As if the record before this one had been read before it was written. */
function hideLatest(data: RedisData, key: string, ttlMs: number): void {
  const bytes = data.get(key);
  if (bytes === null || bytes.length < (STALE_RECORD_COUNT + 1) * HISTORY_RECORD_BYTES) return;
  const own = bytes.length - HISTORY_RECORD_BYTES;
  const before = own - STALE_RECORD_COUNT * HISTORY_RECORD_BYTES;
  data.set(key, Buffer.concat([bytes.subarray(0, before), bytes.subarray(own)]), ttlMs);
}

function commitWith(faults: ReadonlySet<PlantedFault>): RedisFunction {
  return (data, keys, args) => {
    if (data.text(keys[0]!) !== textOf(args[0]!) && !faults.has('epoch_not_compared'))
      throw new Error('WRONG_EPOCH');
    const epoch = bytesOf(args[1]!);
    return keys.slice(3).map((key, i) => {
      const claim = data.get(key);
      if (claim?.[0] === DECIDED && !faults.has('commit_not_first')) return claim;
      const isOfEpoch = epoch.length === 0 || claim?.subarray(33, 37).equals(epoch) === true;
      if (claim === null || !isOfEpoch) return 0;
      const committed = bytesOf(args[4 + 2 * i]!);
      claim.copy(committed, 0, 0, CLAIM_HEAD_BYTES);
      committed[0] = DECIDED;
      data.set(key, committed, Number(args[2]) * 1_000);
      const name = textOf(args[3 + 2 * i]!);
      const seq = data.scoreOf(keys[1]!, name);
      if (seq === null) return 1;
      data.removeScored(keys[1]!, [name]);
      if (!faults.has('committed_forgotten')) data.score(keys[2]!, name, seq);
      return 1;
    });
  };
}

function labelWith(faults: ReadonlySet<PlantedFault>): RedisFunction {
  return (data, keys, args) => {
    const [open, seqKey, , labels, label] = keys as readonly [string, string, string, string, string];
    const last = lastSeqOf(
      data,
      { open, seq: seqKey, token: textOf(args[0]!), seen: Number(args[1]) },
      faults,
    );
    const old = data.get(label);
    if (old !== null && !faults.has('label_twice')) return old;
    const seq = last + 1;
    data.set(seqKey, Buffer.from(String(seq)));
    const stored = bytesOf(args[5]!);
    stored.writeUIntLE(seq, 1, 6);
    data.set(label, stored, Number(args[2]) * 1_000);
    data.score(labels, textOf(args[4]!), seq);
    for (const key of keys.slice(5)) append(data, key, numbered(args[6]!, seq), Number(args[3]) * 1_000);
    return seq;
  };
}

const look: RedisFunction = (data, keys, args) => {
  const [open, seq, instances] = [keys[0]!, keys[1]!, keys[2]!];
  const instance = textOf(args[0]!);
  const [doubtMs, goneMs, forgetMs] = [Number(args[1]), Number(args[2]), Number(args[3])];
  const now = Math.floor(data.nowMs);
  if (instance !== '') {
    const known = data.field(instances, instance);
    let untilMs = known === null ? 0 : Number(known.split('|')[1]);
    if (textOf(args[4]!) === '1') untilMs = now + doubtMs;
    data.setField(instances, instance, `${now}|${untilMs}`);
  }
  let doubt = 0;
  for (const [name, value] of data.fields(instances)) {
    const [heard = 0, until = 0] = value.split('|').map(Number);
    if (now - heard > forgetMs) data.removeField(instances, name);
    else if (name !== instance) {
      const untilMs = now - heard > goneMs ? Math.max(until, heard + goneMs + doubtMs) : until;
      doubt = Math.max(doubt, untilMs - now);
    }
  }
  return [Buffer.from(data.text(open) ?? ''), Buffer.from(data.text(seq) ?? ''), doubt];
};

const lease: RedisFunction = (data, keys, args) => {
  const holder = data.text(keys[0]!);
  if (holder !== null && holder !== textOf(args[0]!)) return 0;
  data.set(keys[0]!, bytesOf(args[0]!), Number(args[1]));
  return 1;
};

const release: RedisFunction = (data, keys, args) => {
  if (data.text(keys[0]!) === textOf(args[0]!)) data.remove(keys[0]!);
  return 1;
};

/** @throws Error when another leads */
function fence(
  data: RedisData,
  keys: readonly string[],
  args: readonly RedisArgument[],
  faults: ReadonlySet<PlantedFault>,
): void {
  if (data.text(keys[0]!) !== textOf(args[0]!) && !faults.has('lead_not_fenced'))
    throw new Error(`FENCED ${textOf(args[0]!)}`);
}

function load(data: RedisData, keys: readonly string[], args: readonly RedisArgument[]): number {
  data.expire(keys[0]!, Number(args[1]));
  keys.slice(1).forEach((key, i) => data.set(key, bytesOf(args[3 + i]!), Number(args[2]) * 1_000));
  return keys.length - 1;
}

function open(data: RedisData, keys: readonly string[], args: readonly RedisArgument[]): number {
  const [token, epoch, seq, doubtMs] = args.slice(1).map(textOf) as [string, string, string, string];
  data.set(keys[1]!, Buffer.from(token));
  if (seq !== '') data.set(keys[2]!, Buffer.from(seq));
  data.addMember(keys[3]!, epoch);
  if (doubtMs !== '0') {
    const now = Math.floor(data.nowMs);
    data.setField(keys[4]!, 'opened', `${now}|${now + Number(doubtMs)}`);
  }
  data.remove(keys[0]!);
  return 1;
}
