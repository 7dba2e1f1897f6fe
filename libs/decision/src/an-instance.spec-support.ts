import { setImmediate as nextTurn } from 'node:timers/promises';
import { VetoError, type ClaimId, type EventLog, type LogRecord, type StateStore } from '@veto/domain';
import { createMemoryLog } from '@veto/log';
import { openEmbeddedStore } from '@veto/store';
import { aClock } from '@veto/testing';
import { aLine, withCalls, type TestLine } from './a-line.spec-support';
import { historyEventOf } from './history-event-of';
import type { Line } from './line';

/** How the shared state behaves towards an instance. */
export type StateTrouble =
  | 'none'
  /** `begin` and `commit` are not answered in time: the instance works on its own memory. */
  | 'silent'
  /** `commit` is done, and the answer to it is lost. */
  | 'commit unanswered'
  /** `commit` is not done, and nobody knows. */
  | 'commit lost';

/** How the log behaves towards an instance. */
export type LogTrouble =
  | 'none'
  /** The broker is away: records go to the instance's write-ahead file. */
  | 'away'
  /** It takes nothing, and the file neither. */
  | 'full'
  /** It takes the records, and the answer to it is lost. */
  | 'unanswered';

/** The parts that all instances share, as Kafka and Redis are: the real embedded ones. */
export interface SharedParts {
  readonly log: EventLog;
  readonly store: StateStore;
}

export async function sharedParts(): Promise<SharedParts> {
  const clock = aClock();
  const log = createMemoryLog({ clock });
  return { log, store: await openEmbeddedStore({ directory: null, log, clock, historyEventOf }) };
}

/** An instance: a line over the shared parts, each of which can be made to fail for it. */
export interface Instance {
  readonly line: TestLine;
  state: StateTrouble;
  logs: LogTrouble;
  /** The broker is back: what is in the write-ahead file goes onto the log, in order. */
  drain(): Promise<void>;
}

export async function anInstance(shared: SharedParts, overrides: Partial<Line> = {}): Promise<Instance> {
  const spool: LogRecord[] = [];
  const trouble = { state: 'none' as StateTrouble, logs: 'none' as LogTrouble };
  const log = aTroubledLog(shared.log, { spool, trouble: () => trouble.logs });
  const store = await aTroubledStore(shared.store, () => trouble.state);
  const line = await aLine({ ...overrides, log, store });
  return Object.assign(trouble, {
    line,
    drain: async () => {
      trouble.logs = 'none';
      await shared.log.append(spool.splice(0));
    },
  });
}

function unanswered(code: 'log_unavailable' | 'store_unavailable'): VetoError {
  return new VetoError(code, 'no answer', { retryable: true });
}

function aTroubledLog(
  log: EventLog,
  of: { readonly spool: LogRecord[]; readonly trouble: () => LogTrouble },
): EventLog {
  return withCalls<EventLog>(log, {
    async append(records) {
      const trouble = of.trouble();
      if (trouble === 'full') throw unanswered('log_unavailable');
      if (trouble === 'away') of.spool.push(...records);
      else await log.append(records);
      if (trouble === 'unanswered') throw unanswered('log_unavailable');
    },
    async appendReadable(records) {
      const trouble = of.trouble();
      if (trouble === 'full') throw unanswered('log_unavailable');
      if (trouble === 'away') of.spool.push(...records);
      const position = trouble === 'away' ? null : await log.appendReadable(records);
      if (trouble === 'unanswered') throw unanswered('log_unavailable');
      return position;
    },
    durability: () => (of.trouble() === 'away' ? 'wal' : 'log'),
  });
}

/**
 * Turns of the event loop for which a winner is waited for, whatever the deadline: everything here is done in memory, so
 * that whoever is at work has long finished by then, on any machine.
 */
const TURNS_WAITED = 200;

async function winnerWithin(turns: number, store: StateStore, id: ClaimId): Promise<Uint8Array | null> {
  for (let turn = 0; turn < turns; turn++) {
    const bytes = await store.find(id);
    if (bytes !== null) return bytes;
    await nextTurn();
  }
  return null;
}

/** The instance's own memory is a store of its own, over a log that nobody else reads. */
async function aTroubledStore(shared: StateStore, troubleNow: () => StateTrouble): Promise<StateStore> {
  const clock = aClock();
  const memory = createMemoryLog({ clock, retain: [] });
  const own = await openEmbeddedStore({ directory: null, log: memory, clock, historyEventOf });
  const begunHere = new Set<string>();
  return withCalls<StateStore>(shared, {
    async begin(requests) {
      if (troubleNow() !== 'silent') return shared.begin(requests);
      const begun = await own.begin(requests);
      return begun.map((result, i) => {
        if (result.status !== 'begun') return result;
        begunHere.add(`${requests[i]!.tenantId}|${requests[i]!.transactionId}`);
        return { ...result, seq: 0, local: true, provisional: true };
      });
    },
    async commit(requests) {
      const trouble = troubleNow();
      return Promise.all(
        requests.map(async (request) => {
          const isLocal = begunHere.has(`${request.tenantId}|${request.transactionId}`);
          const [known] = isLocal ? await own.commit([request]) : [];
          if (known?.won === false) return { ...known, provisional: true };
          if (isLocal || trouble === 'silent' || trouble === 'commit lost')
            return { won: true, bytes: request.bytes, provisional: true };
          const [committed] = await shared.commit([request]);
          return trouble === 'commit unanswered'
            ? { won: true, bytes: request.bytes, provisional: true }
            : committed!;
        }),
      );
    },
    find: (id) => (troubleNow() === 'silent' ? own.find(id) : shared.find(id)),
    waitFor: (id) => winnerWithin(TURNS_WAITED, troubleNow() === 'silent' ? own : shared, id),
    appendLabel: (request) =>
      troubleNow() === 'silent'
        ? Promise.reject(unanswered('store_unavailable'))
        : shared.appendLabel(request),
  });
}
