import { TOPICS, VetoError, type EventLog, type LogRecord, type StateStore } from '@veto/domain';
import { createMemoryLog } from '@veto/log';
import {
  aBeginRequest,
  aClock,
  anAppendLabelRequest,
  decisionBytes,
  dullHistoryEventOf,
} from '@veto/testing';
import { openEmbeddedStore } from './embedded-state-store';

function refusal(): VetoError {
  return new VetoError('log_unavailable', 'ENOSPC', { retryable: true });
}

/** A log that can be told to refuse, as one whose disk is full. */
class RefusingLog implements EventLog {
  isRefusing = false;
  readonly #log = createMemoryLog({ clock: aClock() });

  append(records: readonly LogRecord[]): Promise<void> {
    return this.isRefusing ? Promise.reject(refusal()) : this.#log.append(records);
  }

  appendReadable(records: readonly LogRecord[]): Promise<number | null> {
    return this.isRefusing ? Promise.reject(refusal()) : this.#log.appendReadable(records);
  }

  durability: EventLog['durability'] = () => this.#log.durability();
  cut: EventLog['cut'] = () => this.#log.cut();
  latest: EventLog['latest'] = () => this.#log.latest();
  reached: EventLog['reached'] = (cut, timeoutMs) => this.#log.reached(cut, timeoutMs);
  read: EventLog['read'] = (query) => this.#log.read(query);
  end: EventLog['end'] = () => this.#log.end();
  subscribe: EventLog['subscribe'] = (listener) => this.#log.subscribe(listener);
  close: EventLog['close'] = () => this.#log.close();
}

let log: RefusingLog;
let store: StateStore;
const id = { tenantId: 'ten_test', transactionId: 'ord_1' };

beforeEach(async () => {
  log = new RefusingLog();
  store = await openEmbeddedStore({
    directory: null,
    log,
    clock: aClock(),
    historyEventOf: dullHistoryEventOf,
  });
  await store.begin([aBeginRequest(id)]);
});
afterEach(async () => {
  await store.close();
});

async function untilServing(): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const serving = await store.begin([]).then(
      () => true,
      () => false,
    );
    if (serving) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('the store did not recover');
}

describe('a store whose log refuses an event', () => {
  it('answers nothing from a state that is not on the log', async () => {
    log.isRefusing = true;
    await store.begin([aBeginRequest({ transactionId: 'ord_2' })]);
    await expect(store.begin([aBeginRequest({ transactionId: 'ord_3' })])).rejects.toMatchObject({
      code: 'store_unavailable',
      retryable: true,
    });
    await expect(store.commit([{ ...id, bytes: decisionBytes(id) }])).rejects.toMatchObject({
      code: 'store_unavailable',
    });
    await expect(store.appendLabel(anAppendLabelRequest())).rejects.toMatchObject({
      code: 'store_unavailable',
    });
  });

  it('rejects the label that the log did not take', async () => {
    log.isRefusing = true;
    await expect(store.appendLabel(anAppendLabelRequest())).rejects.toMatchObject({
      code: 'store_unavailable',
    });
  });

  it('goes on from what is on the log once the log takes records again, as if the event had never been', async () => {
    await store.commit([{ ...id, bytes: decisionBytes(id) }]);
    await log.append([{ topic: TOPICS.decisions, key: 'ten_test|ord_1', value: decisionBytes(id) }]);
    const before = await store.digest();
    log.isRefusing = true;
    await store.begin([aBeginRequest({ transactionId: 'ord_2' })]);
    const waiting = store.waitFor({ ...id, transactionId: 'ord_2' }, 10_000);
    log.isRefusing = false;
    await untilServing();
    expect(await waiting).toBeNull();
    expect(await store.digest()).toBe(before);
    expect(await store.find(id)).toEqual(decisionBytes(id));
    await expect(
      store.commit([{ ...id, transactionId: 'ord_2', bytes: decisionBytes(id) }]),
    ).rejects.toMatchObject({ code: 'store_unavailable' });
    const [again] = await store.begin([aBeginRequest({ transactionId: 'ord_2' })]);
    expect(again).toMatchObject({ status: 'begun', seq: 2 });
  });
});

describe('a store that is closed', () => {
  it('refuses to begin', async () => {
    await store.close();
    await expect(store.begin([aBeginRequest({ transactionId: 'ord_2' })])).rejects.toMatchObject({
      code: 'store_unavailable',
    });
  });
});

describe('committing an id that was never begun', () => {
  it('is a mistake of the caller', async () => {
    await expect(store.commit([{ ...id, transactionId: 'ord_9', bytes: decisionBytes(id) }])).rejects.toThrow(
      'which was not begun',
    );
  });
});
