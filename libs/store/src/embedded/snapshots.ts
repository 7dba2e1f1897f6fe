import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { HISTORY_RECORD_BYTES, invariant } from '@veto/domain';
import { ClaimBook, claimKeyOf, type Claim } from './claim-book';
import type { LogMark } from './claim-index';
import { EventProgress } from './event-progress';
import { HistoryBook, type HistoryEntry } from './history-book';
import { readSnapshotParts, SnapshotDamaged, SnapshotWriter } from './snapshot-file';
import type { StateOfLog, StateStart } from './state-of-log';

const FORMAT = 'veto-state-snapshot.v1';
const SNAPSHOT_NAME = /^snapshot-(\d{16})\.bin$/;
/** The one before the newest is kept for the day on which the newest is damaged. */
const KEPT_COUNT = 2;
/** Slots copied in one turn of the event loop: about a millisecond. */
const SLOTS_PER_TURN = 1_000;

/** Head of the first part. */
interface SnapshotHeader {
  readonly format: typeof FORMAT;
  /** Layout of the history records; another one is not read. */
  readonly historyVersion: number;
  readonly epoch: number;
  readonly lastSeq: number;
  /** The snapshot holds everything on the log up to here, and of what follows every event up to `lastSeq`. */
  readonly mark: LogMark;
  readonly progress: { readonly nowMs: number; readonly behindCount: number };
}

/** Head of a part with histories; their records follow in the body. */
interface HistoriesHead {
  readonly histories: readonly (readonly [key: string, touchedMinute: number, recordCount: number])[];
}

/** Head of a part with one claim; its payload and what it saw follow in the body. */
interface ClaimHead {
  readonly claim: Omit<Claim, 'payload' | 'histories' | 'bytes'>;
  readonly payloadLength: number;
  readonly historyLengths: readonly number[];
}

/** A state read from a snapshot. */
export interface LoadedSnapshot extends StateStart {
  readonly mark: LogMark;
}

/** Snapshot files in a directory, newest first. */
export async function listSnapshots(directory: string): Promise<string[]> {
  const names = (await readdir(directory)).filter((name) => SNAPSHOT_NAME.test(name));
  return names
    .sort()
    .reverse()
    .map((name) => join(directory, name));
}

export interface SnapshotOptions {
  readonly directory: string;
  readonly historyVersion: number;
  /** Resolves when every event sequenced so far is on the log; rejects when one will never be. */
  readonly whenJournaled: () => Promise<void>;
}

/**
 * Writes the state as of this moment, a little in each turn of the event loop. Begins go on meanwhile: what they append
 * has a larger seq and is left out.
 * @returns false when there was nothing to write, or the state could not be told any more as of one moment
 */
export async function takeSnapshot(state: StateOfLog, options: SnapshotOptions): Promise<boolean> {
  const { mark } = state.index;
  const { lastSeq, epoch, histories } = state;
  if (mark === null || lastSeq === 0) return false;
  const claims = state.claims.undecided();
  const progress = histories.progress.state;
  const goneBackCount = histories.goneBackCount;
  const journaled = options.whenJournaled();
  // Awaited below; it must not count as unhandled meanwhile.
  journaled.catch(() => undefined);
  histories.holdTrim(true);
  try {
    const path = join(options.directory, `snapshot-${String(lastSeq).padStart(16, '0')}.bin`);
    const writer = await SnapshotWriter.create(path);
    try {
      const { historyVersion } = options;
      await writer.part({
        format: FORMAT,
        historyVersion,
        epoch,
        lastSeq,
        mark,
        progress,
      } satisfies SnapshotHeader);
      await writeHistories(writer, histories, lastSeq);
      for (const claim of claims) await writeClaim(writer, claim);
      await journaled;
      // The index must not be behind the snapshot: what it misses is found on the log after its own mark only.
      await state.index.flush();
    } catch (error) {
      await writer.abandon();
      throw error;
    }
    if (histories.goneBackCount !== goneBackCount) {
      await writer.abandon();
      return false;
    }
    await writer.finish();
  } finally {
    histories.holdTrim(false);
  }
  for (const old of (await listSnapshots(options.directory)).slice(KEPT_COUNT))
    await rm(old, { force: true });
  return true;
}

async function writeHistories(
  writer: SnapshotWriter,
  histories: HistoryBook,
  lastSeq: number,
): Promise<void> {
  for (let slot = 0; slot < histories.slotCount;) {
    const entries: HistoryEntry[] = [];
    const turnEnd = slot + SLOTS_PER_TURN;
    for (; slot < turnEnd && slot < histories.slotCount; slot++) {
      const entry = histories.entryAt(slot, lastSeq + 1);
      if (entry !== null) entries.push(entry);
    }
    if (entries.length > 0) {
      const head: HistoriesHead = {
        histories: entries.map(({ key, touchedMinute, bytes }) => [
          key,
          touchedMinute,
          bytes.length / HISTORY_RECORD_BYTES,
        ]),
      };
      await writer.part(
        head,
        entries.map(({ bytes }) => bytes),
      );
    }
    await nextTurn();
  }
}

async function writeClaim(writer: SnapshotWriter, claim: Claim): Promise<void> {
  const { payload, histories, bytes: _bytes, ...rest } = claim;
  const head: ClaimHead = {
    claim: rest,
    payloadLength: payload.length,
    historyLengths: histories.map(({ length }) => length),
  };
  await writer.part(head, [payload, ...histories]);
}

/** @throws SnapshotDamaged, also when it is whole but of another version */
export async function loadSnapshot(path: string, historyVersion: number): Promise<LoadedSnapshot> {
  let header: SnapshotHeader | null = null;
  const claims = new ClaimBook();
  let histories = new HistoryBook();
  for await (const { head, body } of readSnapshotParts(path)) {
    if (header === null) {
      header = headerOf(path, head, historyVersion);
      histories = new HistoryBook(new EventProgress(header.progress));
      continue;
    }
    // Written by this module under the format that the header names; damage shows in the checksum at the end.
    const part = head as HistoriesHead | ClaimHead;
    if ('histories' in part) restoreHistories(histories, part, body);
    else restoreClaim(claims, part, body);
  }
  if (header === null) throw new SnapshotDamaged(`${path} is empty`);
  return { histories, claims, epoch: header.epoch, lastSeq: header.lastSeq, mark: header.mark };
}

function headerOf(path: string, head: unknown, historyVersion: number): SnapshotHeader {
  const header = head as Partial<SnapshotHeader> | null;
  if (header?.format !== FORMAT) throw new SnapshotDamaged(`${path} is of another format`);
  if (header.historyVersion !== historyVersion) {
    throw new SnapshotDamaged(
      `${path} holds records of version ${header.historyVersion}, read are those of ${historyVersion}`,
    );
  }
  // As above: what names this format was written with every member.
  return header as SnapshotHeader;
}

function restoreHistories(book: HistoryBook, head: HistoriesHead, body: Uint8Array): void {
  let at = 0;
  for (const [key, touchedMinute, recordCount] of head.histories) {
    const end = at + recordCount * HISTORY_RECORD_BYTES;
    book.restore({ key, touchedMinute, bytes: body.subarray(at, end) });
    at = end;
  }
  invariant(at === body.length, `a snapshot's histories take ${body.length} bytes, ${at} were named`);
}

function restoreClaim(claims: ClaimBook, head: ClaimHead, body: Uint8Array): void {
  let at = head.payloadLength;
  const histories = head.historyLengths.map((length) => body.slice(at, (at += length)));
  claims.add(claimKeyOf(head.claim), {
    ...head.claim,
    payload: body.slice(0, head.payloadLength),
    histories,
    bytes: null,
  });
}
