import { createHash } from 'node:crypto';
import { open as openFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { open, type Database, type RootDatabase } from 'lmdb';
import { VetoError } from '@veto/domain';
import type { ClaimIndex, DecidedClaim, LogMark } from './claim-index';

/** Puts are written together: after this time, or when this many wait. */
const FLUSH_INTERVAL_MS = 200;
const WAITING_COUNT_MAX = 5_000;
/** LMDB's keys are at most 1 978 bytes; longer ones are stored by their hash. */
const KEY_CHAR_COUNT_MAX = 400;

const SHA256_FINGERPRINT = /^sha256:[0-9a-f]{64}$/;
const POSITION_BYTES = 6;
const MARK_KEY = 'mark';

/** A page begins with 24 bytes of its own; a meta page goes on with this number. */
const META_MAGIC_OFFSET = 24;
const META_MAGIC = 0xbeef_c0de;
const META_HEAD_BYTES = 32;
/** Two meta pages of 4 KiB. */
const FILE_BYTES_MIN = 8_192;

/**
 * Opens the index, and begins it anew when the files there are none: it is derived from the log.
 * @param onDamaged told why the files were thrown away
 * @throws VetoError store_unavailable when the directory cannot be used at all
 */
export async function openLmdbClaimIndex(
  directory: string,
  onDamaged: (why: string) => void,
): Promise<ClaimIndex> {
  try {
    await requireLmdbFile(join(directory, 'data.mdb'));
    return openAt(directory);
  } catch (damage) {
    onDamaged(String(damage));
  }
  try {
    await rm(directory, { recursive: true, force: true });
    return openAt(directory);
  } catch (cause) {
    throw new VetoError(
      'store_unavailable',
      `the index of decided ids in ${directory} cannot be opened: ${String(cause)}`,
      { cause },
    );
  }
}

/** LMDB crashes the process over a file that is not its own; its two first pages tell. */
async function requireLmdbFile(path: string): Promise<void> {
  const file = await openFile(path, 'r').catch(() => null);
  if (file === null) return;
  try {
    const head = Buffer.alloc(META_HEAD_BYTES);
    const { bytesRead } = await file.read(head, 0, head.length, 0);
    const { size } = await file.stat();
    const isOwn =
      bytesRead === META_HEAD_BYTES &&
      head.readUInt32LE(META_MAGIC_OFFSET) === META_MAGIC &&
      size >= FILE_BYTES_MIN;
    if (!isOwn) throw new Error(`${path} is no LMDB file`);
  } finally {
    await file.close();
  }
}

function openAt(directory: string): ClaimIndex {
  // Writes are batched here: what LMDB itself batches fails on a full disk by a promise that nobody holds.
  return new LmdbClaimIndex(
    open({ path: directory, maxDbs: 4, encoding: 'binary', eventTurnBatching: false }),
  );
}

class LmdbClaimIndex implements ClaimIndex {
  readonly #root: RootDatabase<Buffer, string>;
  readonly #decided: Database<Buffer, string>;
  readonly #labels: Database<Buffer, string>;
  readonly #marks: Database<Buffer, string>;
  /** Put and not yet written: LMDB does not show what is under way. */
  #waitingDecided = new Map<string, DecidedClaim>();
  #waitingLabels = new Map<string, number>();
  #writingDecided: ReadonlyMap<string, DecidedClaim> = new Map();
  #writingLabels: ReadonlyMap<string, number> = new Map();
  #mark: LogMark | null;
  #markChanged = false;
  #timer: NodeJS.Timeout | null = null;
  #written: Promise<void> = Promise.resolve();

  constructor(root: RootDatabase<Buffer, string>) {
    this.#root = root;
    this.#decided = root.openDB({ name: 'decided', encoding: 'binary' });
    this.#labels = root.openDB({ name: 'labels', encoding: 'binary' });
    this.#marks = root.openDB({ name: 'marks', encoding: 'binary' });
    const mark = this.#marks.get(MARK_KEY);
    this.#mark = mark === undefined ? null : (JSON.parse(mark.toString('utf8')) as LogMark);
  }

  get mark(): LogMark | null {
    return this.#mark;
  }

  decided(claimKey: string): DecidedClaim | null {
    const waiting = this.#waitingDecided.get(claimKey) ?? this.#writingDecided.get(claimKey);
    if (waiting !== undefined) return waiting;
    const bytes = this.#decided.get(storedKey(claimKey));
    return bytes === undefined ? null : decodeDecided(bytes);
  }

  labelSeq(labelKey: string): number | null {
    const waiting = this.#waitingLabels.get(labelKey) ?? this.#writingLabels.get(labelKey);
    if (waiting !== undefined) return waiting;
    const bytes = this.#labels.get(storedKey(labelKey));
    return bytes === undefined ? null : bytes.readUIntLE(0, POSITION_BYTES);
  }

  putDecided(claimKey: string, claim: DecidedClaim): void {
    this.#waitingDecided.set(claimKey, claim);
    this.#schedule();
  }

  putLabel(labelKey: string, seq: number): void {
    this.#waitingLabels.set(labelKey, seq);
    this.#schedule();
  }

  advance(mark: LogMark): void {
    this.#mark = mark;
    this.#markChanged = true;
    this.#schedule();
  }

  #schedule(): void {
    if (this.#waitingDecided.size + this.#waitingLabels.size >= WAITING_COUNT_MAX) {
      this.#write();
      return;
    }
    this.#timer ??= setTimeout(() => {
      this.#write();
    }, FLUSH_INTERVAL_MS).unref();
  }

  /** Writes what waits, in one transaction with the mark, after what is being written. */
  #write(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    // A write that failed was told to whoever flushed it, and is tried again with this one.
    this.#written = this.#written.catch(() => undefined).then(() => this.#writeWaiting());
    this.#written.catch(() => undefined);
  }

  async #writeWaiting(): Promise<void> {
    if (!this.#markChanged && this.#waitingDecided.size === 0 && this.#waitingLabels.size === 0) return;
    const decided = (this.#writingDecided = this.#waitingDecided);
    const labels = (this.#writingLabels = this.#waitingLabels);
    this.#waitingDecided = new Map();
    this.#waitingLabels = new Map();
    const mark = this.#mark;
    this.#markChanged = false;
    try {
      await this.#root.batch(() => {
        for (const [key, claim] of decided) void this.#decided.put(storedKey(key), encodeDecided(claim));
        for (const [key, seq] of labels) void this.#labels.put(storedKey(key), encodeSeq(seq));
        if (mark !== null) void this.#marks.put(MARK_KEY, Buffer.from(JSON.stringify(mark)));
      });
    } catch (cause) {
      hearCommitError(cause);
      // They wait again, so that reads still see them and the next write takes them along.
      this.#waitingDecided = new Map([...decided, ...this.#waitingDecided]);
      this.#waitingLabels = new Map([...labels, ...this.#waitingLabels]);
      this.#markChanged = true;
      throw new VetoError(
        'store_unavailable',
        `writing ${decided.size} decided ids failed: ${String(cause)}`,
        { retryable: true, cause },
      );
    } finally {
      this.#writingDecided = new Map();
      this.#writingLabels = new Map();
    }
  }

  async flush(): Promise<void> {
    this.#write();
    await this.#written;
    await this.#root.flushed;
  }

  async clear(): Promise<void> {
    this.#waitingDecided = new Map();
    this.#waitingLabels = new Map();
    this.#mark = null;
    this.#markChanged = false;
    await this.#written;
    await Promise.all([this.#decided.clearAsync(), this.#labels.clearAsync(), this.#marks.clearAsync()]);
  }

  async close(): Promise<void> {
    await this.flush();
    await this.#root.close();
  }
}

/** LMDB tells why a commit failed by a second promise inside the error; unheard, it would end the process. */
function hearCommitError(error: unknown): void {
  const { commitError } = error as { readonly commitError?: Promise<unknown> };
  commitError?.catch(() => undefined);
}

function storedKey(key: string): string {
  return key.length <= KEY_CHAR_COUNT_MAX ? key : `sha256:${createHash('sha256').update(key).digest('hex')}`;
}

const IS_TEXT = 0;
const IS_SHA256 = 1;
const IS_UNKNOWN = 2;

/** Position (6 bytes), a tag, then the fingerprint: the 32 bytes of a SHA-256, or text, or nothing. */
function encodeDecided({ position, fingerprint }: DecidedClaim): Buffer {
  const head = encodeSeq(position);
  if (fingerprint === null) return Buffer.concat([head, Buffer.of(IS_UNKNOWN)]);
  if (!SHA256_FINGERPRINT.test(fingerprint))
    return Buffer.concat([head, Buffer.of(IS_TEXT), Buffer.from(fingerprint)]);
  return Buffer.concat([head, Buffer.of(IS_SHA256), Buffer.from(fingerprint.slice('sha256:'.length), 'hex')]);
}

function decodeDecided(bytes: Buffer): DecidedClaim {
  const tag = bytes[POSITION_BYTES];
  const stored = bytes.subarray(POSITION_BYTES + 1);
  const text = tag === IS_SHA256 ? `sha256:${stored.toString('hex')}` : stored.toString('utf8');
  return { position: bytes.readUIntLE(0, POSITION_BYTES), fingerprint: tag === IS_UNKNOWN ? null : text };
}

function encodeSeq(seq: number): Buffer {
  const bytes = Buffer.allocUnsafe(POSITION_BYTES);
  bytes.writeUIntLE(seq, 0, POSITION_BYTES);
  return bytes;
}
