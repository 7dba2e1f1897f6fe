import { join } from 'node:path';
import { TOPICS, type EventLog, type StateStore } from '@veto/domain';
import { createMemoryLog, openSegmentLog } from '@veto/log';
import { aClock, aTempDirectory, dullHistoryEventOf, stateStoreConformance } from '@veto/testing';
import { openEmbeddedStore } from './embedded-state-store';

/** Another log with the same records, each appended at its own time. */
async function copyOf(log: EventLog): Promise<EventLog> {
  const { records } = await log.read({ after: -1, recordCountMax: 10_000 });
  const clock = aClock();
  const copied = createMemoryLog({ clock });
  for (const record of records) {
    clock.set(record.appendedAtMs);
    await copied.append([record]);
  }
  return copied;
}

stateStoreConformance('the embedded store in memory', async () => {
  const clock = aClock();
  const log = createMemoryLog({ clock });
  const stores: StateStore[] = [];
  const openStore = async (over: EventLog): Promise<StateStore> => {
    const store = await openEmbeddedStore({
      directory: null,
      log: over,
      clock,
      historyEventOf: dullHistoryEventOf,
    });
    stores.push(store);
    return store;
  };
  const store = await openStore(log);
  let latest = store;
  return {
    store,
    clock,
    logDecision: async (id, value, place) => {
      const key = `${id.tenantId}|${id.transactionId}`;
      await log.append([{ topic: TOPICS.decisions, key, value, ...place }]);
    },
    restart: async () => {
      await latest.close();
      latest = await openStore(log);
      return latest;
    },
    // What waits in a memory log is as good as written at the end of this turn.
    crash: async () => {
      await log.append([]);
      return openStore(await copyOf(log));
    },
    twin: async () => openStore(log),
    dispose: async () => {
      for (const each of stores) await each.close();
      await log.close();
    },
  };
});

stateStoreConformance('the embedded store on disk', async () => {
  const clock = aClock();
  const directory = await aTempDirectory();
  const logs: EventLog[] = [];
  const stores: StateStore[] = [];
  const openLog = async (path: string): Promise<EventLog> => {
    const log = await openSegmentLog({ directory: join(path, 'log'), clock });
    logs.push(log);
    return log;
  };
  const openStore = async (log: EventLog, path: string | null): Promise<StateStore> => {
    const store = await openEmbeddedStore({
      directory: path,
      log,
      clock,
      historyEventOf: dullHistoryEventOf,
    });
    stores.push(store);
    return store;
  };
  const statePath = join(directory.path, 'state');
  let log = await openLog(directory.path);
  const store = await openStore(log, statePath);
  let latest = store;
  return {
    store,
    clock,
    logDecision: async (id, value, place) => {
      const key = `${id.tenantId}|${id.transactionId}`;
      await log.append([{ topic: TOPICS.decisions, key, value, ...place }]);
    },
    restart: async () => {
      await latest.close();
      await log.close();
      log = await openLog(directory.path);
      latest = await openStore(log, statePath);
      return latest;
    },
    crash: async () => {
      await log.append([]);
      const copied = await directory.copy();
      return openStore(await openLog(copied), null);
    },
    twin: async () => openStore(log, null),
    dispose: async () => {
      for (const each of stores) await each.close();
      for (const each of logs) await each.close();
      await directory.remove();
    },
  };
});
