import {
  HISTORY_RECORD_BYTES,
  HISTORY_RECORD_COUNT_MAX,
  readHistorySeq,
  writeHistorySeq,
} from '@veto/domain';
import { LIBRARY, type RedisArgument, type Reply } from '@veto/store';
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
const BATCH_COUNT = 32;
const CUT_AFTER_COUNT = 128;
const CUT_ALWAYS_AT_COUNT = 8_192;
const DAY_MS = 86_400_000;
const TTL_SLACK_MS = 5 * DAY_MS;
const DECIDED = 0x44;
const PENDING = 0x50;
/** How long a begin that is not atomic is behind. */
const STALE_RECORD_COUNT = 1;

/**
 * The library of `redis-function.ts`, rule by rule, and written a second time: its numbers, too, are its own. That both
 * answer alike and leave the same behind is what `redis-functions.parts.ts` shows, on a real Redis.
 */
export function redisFunctions(faults: ReadonlySet<PlantedFault>): ReadonlyMap<string, RedisFunction> {
  return new Map<string, RedisFunction>([
    [`${LIBRARY}_begin`, beginWith(faults)],
    [`${LIBRARY}_commit`, commitWith(faults)],
    [`${LIBRARY}_label`, labelWith(faults)],
    [`${LIBRARY}_look`, look],
    [`${LIBRARY}_lease`, lease],
    [`${LIBRARY}_release`, release],
    [`${LIBRARY}_close`, (data, keys, args) => (fence(data, keys, args, faults), data.remove(keys[1]!))],
    [`${LIBRARY}_load`, (data, keys, args) => (fence(data, keys, args, faults), load(data, keys, args))],
    [`${LIBRARY}_open`, (data, keys, args) => (fence(data, keys, args, faults), open(data, keys, args))],
  ]);
}

/** @throws Error when the epoch is not the caller's */
function compareEpoch(data: RedisData, open: string, token: string, faults: ReadonlySet<PlantedFault>): void {
  const opened = data.text(open);
  if (opened !== token && !faults.has('epoch_not_compared'))
    throw new Error(`WRONG_EPOCH ${opened ?? 'none'}`);
}

/** @throws Error when the epoch is not the caller's, or lacks what he saw */
function lastSeqOf(
  data: RedisData,
  of: { readonly open: string; readonly seq: string; readonly token: string; readonly seen: number },
  faults: ReadonlySet<PlantedFault>,
): number {
  compareEpoch(data, of.open, of.token, faults);
  const seq = Number(data.text(of.seq) ?? '0');
  if (seq < of.seen) throw new Error(`BEHIND ${seq}`);
  return seq;
}

function numbered(record: RedisArgument, seq: number): Buffer {
  const own = Buffer.from(bytesOf(record));
  writeHistorySeq(own, seq);
  return own;
}

function append(
  data: RedisData,
  to: { readonly key: string; readonly pending: string; readonly ttlMs: number; readonly isDue: boolean },
  records: Buffer,
): void {
  const { key, ttlMs, isDue } = to;
  const before = data.get(key) ?? Buffer.alloc(0);
  data.replace(key, Buffer.concat([before, records]));
  const keptForMs = data.ttlMsOf(key);
  const isShort = keptForMs < ttlMs + DAY_MS || keptForMs === Infinity;
  if ((isDue || before.length === 0) && isShort) data.expire(key, ttlMs + TTL_SLACK_MS);
  cut(data, key, to.pending);
}

/** What is pending holds a cut up, and what this batch may show; nothing holds up a history that is very long. */
function cut(data: RedisData, key: string, pending: string): void {
  const history = data.get(key)!;
  const count = history.length / HISTORY_RECORD_BYTES;
  const isDue = (keptBesides: number): boolean =>
    count > HISTORY_RECORD_COUNT_MAX + keptBesides + CUT_AFTER_COUNT;
  let since = BATCH_COUNT;
  if (!isDue(since)) return;
  const oldest = data.range(pending, 0, true)[0] as readonly [Buffer, number] | undefined;
  if (count < CUT_ALWAYS_AT_COUNT && oldest !== undefined) {
    const seqOfNext = (): number => readHistorySeq(history, (count - since - 1) * HISTORY_RECORD_BYTES);
    while (since < count - HISTORY_RECORD_COUNT_MAX && seqOfNext() >= oldest[1]) since *= 2;
    if (!isDue(since)) return;
  }
  data.replace(key, history.subarray(-(HISTORY_RECORD_COUNT_MAX + since) * HISTORY_RECORD_BYTES));
}

function beginWith(faults: ReadonlySet<PlantedFault>): RedisFunction {
  return (data, keys, args) => {
    const [open, seqKey, pending] = [keys[0]!, keys[1]!, keys[2]!];
    let seq = lastSeqOf(data, { open, seq: seqKey, token: textOf(args[0]!), seen: Number(args[1]) }, faults);
    const count = Number(args[2]);
    const [claimTtlMs, ttlMs, nameAt] = [
      Number(args[3]) * 1_000,
      Number(args[4]) * 1_000,
      Number(args[5]) - 1,
    ];
    const due = textOf(args[6]!);
    const all = bytesOf(args[7]!);
    const recordsOf = new Map<string, Buffer[]>();
    let at = 0;
    const answers = Array.from({ length: count }, (_, i) => {
      const placesAt = at + 2 + HISTORY_RECORD_BYTES;
      const behind = placesAt + 2 * all.readUInt16BE(at);
      const record = all.subarray(at + 2, placesAt);
      at = behind;
      const claim = keys[3 + i]!;
      const old = data.get(claim);
      if (old !== null && !(faults.has('claim_not_exclusive') && old[0] === PENDING)) return old;
      seq += 1;
      data.set(claim, bytesOf(args[8 + i]!), claimTtlMs);
      data.set(seqKey, Buffer.from(String(seq)));
      data.score(pending, claim.slice(nameAt), seq);
      const own = numbered(record, seq);
      for (let from = placesAt; from < behind; from += 2) {
        const key = keys[3 + count + all.readUInt16BE(from)]!;
        const before = recordsOf.get(key);
        if (before === undefined) recordsOf.set(key, [own]);
        else before.push(own);
      }
      return seq;
    });
    for (const [key, records] of recordsOf) {
      const isDue = due[keys.indexOf(key) - 3 - count] === '1';
      append(data, { key, pending, ttlMs, isDue }, Buffer.concat(records));
      if (faults.has('begin_not_atomic')) hideLatest(data, key, records.length);
    }
    return answers;
  };
}

/** As if what lies before these records had been read before the last of it was written. */
function hideLatest(data: RedisData, key: string, ownCount: number): void {
  const bytes = data.get(key)!;
  const own = bytes.length - ownCount * HISTORY_RECORD_BYTES;
  const before = own - STALE_RECORD_COUNT * HISTORY_RECORD_BYTES;
  if (before >= 0) data.replace(key, Buffer.concat([bytes.subarray(0, before), bytes.subarray(own)]));
}

function commitWith(faults: ReadonlySet<PlantedFault>): RedisFunction {
  return (data, keys, args) => {
    compareEpoch(data, keys[0]!, textOf(args[0]!), faults);
    const epoch = bytesOf(args[1]!);
    const nameAt = Number(args[3]) - 1;
    return keys.slice(3).map((key, i) => {
      const claim = data.get(key);
      if (claim?.[0] === DECIDED && !faults.has('commit_not_first')) return claim;
      const toldSeq = textOf(args[4 + 2 * i]!);
      const committed = bytesOf(args[5 + 2 * i]!);
      const isOfEpoch = epoch.length === 0 || claim?.subarray(33, 37).equals(epoch) === true;
      if (claim === null || !isOfEpoch) return 0;
      if (toldSeq !== '' && !headOf(claim).equals(headOf(committed))) return 0;
      if (toldSeq === '') claim.copy(committed, 0, 0, CLAIM_HEAD_BYTES);
      committed[0] = DECIDED;
      data.set(key, committed, Number(args[2]) * 1_000);
      const name = key.slice(nameAt);
      const seq = toldSeq === '' ? data.scoreOf(keys[1]!, name) : Number(toldSeq);
      if (seq === null) return 1;
      data.removeScored(keys[1]!, [name]);
      if (!faults.has('committed_forgotten')) data.score(keys[2]!, name, seq);
      return 1;
    });
  };
}

/** What stays of a claim when it is decided. */
function headOf(claim: Buffer): Buffer {
  return claim.subarray(1, CLAIM_HEAD_BYTES);
}

function labelWith(faults: ReadonlySet<PlantedFault>): RedisFunction {
  return (data, keys, args) => {
    const [open, seqKey, pending, labels, label] = keys as readonly [string, string, string, string, string];
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
    const ttlMs = Number(args[3]) * 1_000;
    for (const key of keys.slice(5))
      append(data, { key, pending, ttlMs, isDue: true }, numbered(args[6]!, seq));
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
  const ttlMs = Number(args[2]) * 1_000 + TTL_SLACK_MS;
  keys.slice(1).forEach((key, i) => data.set(key, bytesOf(args[3 + i]!), ttlMs));
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
