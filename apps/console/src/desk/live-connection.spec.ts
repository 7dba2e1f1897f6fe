import type { AlertPage, LiveFrame, QueueCounts } from '@veto/domain';
import { EventEmitter } from 'node:events';
import { anAlert } from '../testing/an-alert';
import { deskApi } from './desk-api';
import { LiveConnection, type DeskSocket } from './live-connection';
import { QueueStore } from './queue-store';
import { ServerClock } from './server-clock';

const COUNTS: QueueCounts = {
  open: 1,
  critical: 0,
  oldestDecidedAtMs: null,
  nextDueAtMs: null,
  decisionsPerSecond: 10,
  outcomesLastMinute: { approve: 1, challenge: 0, review: 0, block: 0 },
};
const frameOf = (change: Partial<LiveFrame>): LiveFrame => ({
  v: 1,
  from: 100,
  to: 110,
  alerts: [],
  patches: [],
  counts: COUNTS,
  dropped: 0,
  serverTimeMs: 0,
  lagMs: 100,
  ...change,
});
const numbered = (n: number) => anAlert({ decisionId: `dec_${n}`, position: n });

/** A wire that a test speaks on, in place of the network between. */
function aWire() {
  const server = new EventEmitter();
  const subscriptions: (number | null)[] = [];
  let reply: { from: number; logId?: string } | { error: string } | null = null;
  const socket = {
    connected: false,
    active: true,
    on: (name: string, listener: (...args: unknown[]) => void) => server.on(name, listener),
    emit: (_name: string, request: { after: number | null }, acknowledge: (reply: unknown) => void) => {
      subscriptions.push(request.after);
      acknowledge({ logId: 'log_a', ...(reply ?? { from: request.after }) });
    },
    connect: () => {
      socket.connected = true;
      server.emit('connect');
    },
    disconnect: () => {
      socket.connected = false;
    },
  };
  return {
    server,
    subscriptions,
    answerWith: (next: typeof reply) => {
      reply = next;
    },
    // The parts of a socket that the connection uses, and no others.
    socket: socket as unknown as DeskSocket,
    isConnected: () => socket.connected,
  };
}

async function aConnection(pages: readonly Omit<AlertPage, 'logId'>[] = []) {
  const wire = aWire();
  const asked: number[] = [];
  const queue = new QueueStore(() => 0);
  let isVisible = true;
  let onVisibility: () => void = () => undefined;
  let snapshotTo = 100;
  let logId = 'log_a';
  let rows = [numbered(1)];
  const live = new LiveConnection({
    socket: wire.socket,
    api: {
      ...deskApi,
      queue: () => Promise.resolve({ alerts: rows, counts: COUNTS, to: snapshotTo, logId }),
      alertsAfter: (after) => {
        asked.push(after);
        const page = pages[asked.length - 1] ?? { alerts: [], to: after, more: false };
        return Promise.resolve({ ...page, logId });
      },
    },
    queue,
    clock: new ServerClock(() => 0),
    page: {
      isVisible: () => isVisible,
      onChange: (listener) => {
        onVisibility = listener;
        return () => undefined;
      },
    },
    onUnauthenticated: () => undefined,
  });
  await live.start();
  return {
    ...wire,
    live,
    queue,
    asked,
    show: (visible: boolean) => {
      isVisible = visible;
      onVisibility();
    },
    snapshotAt: (to: number) => {
      snapshotTo = to;
    },
    /** From here on REST is answered by another instance. */
    otherInstance: (of: { logId: string; to: number; rows: ReturnType<typeof anAlert>[] }) => {
      logId = of.logId;
      snapshotTo = of.to;
      rows = of.rows;
    },
  };
}

beforeEach(() => jest.useFakeTimers({ doNotFake: ['setImmediate'] }));
afterEach(() => jest.useRealTimers());

describe('a console that starts', () => {
  it('listens from where its snapshot ends', async () => {
    const { subscriptions, queue, live } = await aConnection();
    expect(subscriptions).toEqual([100]);
    expect(queue.getView().ids).toEqual(['dec_1']);
    live.stop();
  });

  it('shows what frames bring within a quarter of a second, and numbers within one', async () => {
    const { server, queue, live } = await aConnection();
    server.emit('frame', frameOf({ alerts: [numbered(2)], counts: { ...COUNTS, open: 7 } }));
    expect(queue.getView().heldCount).toBe(0);
    jest.advanceTimersByTime(250);
    expect(queue.getView().heldCount).toBe(1);
    expect(live.counts.get()?.open).toBe(1);
    jest.advanceTimersByTime(750);
    expect(live.counts.get()?.open).toBe(7);
    live.stop();
  });
});

describe('a frame that does not follow on the last', () => {
  it('is told as a gap', async () => {
    const { server, live } = await aConnection();
    server.emit('frame', frameOf({ from: 100, to: 110 }));
    server.emit('frame', frameOf({ from: 130, to: 140 }));
    expect(live.status.get().gap).toEqual({ after: 110, until: 130, count: null });
    live.stop();
  });

  it('is loaded page by page, and what was seen before is not there twice', async () => {
    const { server, live, queue, asked } = await aConnection([
      { alerts: [numbered(111), numbered(2)], to: 120, more: true },
      { alerts: [numbered(121)], to: 131, more: true },
    ]);
    server.emit('frame', frameOf({ alerts: [numbered(2)] }));
    server.emit('frame', frameOf({ from: 110, to: 130, dropped: 2 }));
    expect(live.status.get().gap).toEqual({ after: 110, until: 130, count: 2 });
    await live.loadGap();
    expect(asked).toEqual([110, 120]);
    expect(queue.getView().heldCount).toBe(3);
    expect(live.status.get()).toMatchObject({ gap: null, isLoadingGap: false });
    live.stop();
  });
});

describe('a connection that was lost', () => {
  it('goes on after the last position, and says that it catches up', async () => {
    const { server, socket, subscriptions, live } = await aConnection();
    server.emit('frame', frameOf({ to: 150 }));
    server.emit('disconnect', 'transport close');
    expect(live.status.get()).toMatchObject({ isConnected: false });
    socket.connect();
    expect(subscriptions).toEqual([100, 150]);
    server.emit('frame', frameOf({ from: 150, to: 160, alerts: [numbered(151)], lagMs: 5_000 }));
    expect(live.status.get().catchingUpCount).toBe(1);
    server.emit('frame', frameOf({ from: 160, to: 170, lagMs: 100 }));
    expect(live.status.get()).toMatchObject({ catchingUpCount: null, gap: null });
    live.stop();
  });

  it('is asked for again when the server closed it on purpose', async () => {
    const { server, socket, subscriptions, live } = await aConnection();
    socket.disconnect();
    server.emit('disconnect', 'io server disconnect');
    jest.advanceTimersByTime(1_000);
    expect(subscriptions).toHaveLength(2);
    live.stop();
  });

  it('begins anew when the log is younger than what was seen', async () => {
    const { server, socket, subscriptions, snapshotAt, answerWith, live } = await aConnection();
    server.emit('frame', frameOf({ to: 900 }));
    snapshotAt(5);
    answerWith({ from: 5 });
    socket.connect();
    await new Promise((resolve) => setImmediate(resolve));
    server.emit('frame', frameOf({ from: 5, to: 6, alerts: [numbered(3)] }));
    jest.advanceTimersByTime(300);
    expect(subscriptions).toEqual([100, 900, 5]);
    expect(live.status.get().gap).toBeNull();
    live.stop();
  });
});

describe('a console that comes to another instance', () => {
  const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  it('loads the queue anew from there and goes on, with each row once', async () => {
    const { server, socket, subscriptions, answerWith, otherInstance, queue, live } = await aConnection();
    server.emit('frame', frameOf({ to: 150, alerts: [numbered(2)] }));
    // The same rows, at the other instance's positions; one of them had not come here yet.
    const there = [numbered(1), numbered(2), numbered(3)];
    otherInstance({ logId: 'log_b', to: 7_000, rows: there.map((row) => ({ ...row, position: 6_000 })) });
    answerWith({ from: 7_000, logId: 'log_b' });
    socket.connect();
    await settled();
    jest.advanceTimersByTime(300);
    expect(subscriptions).toEqual([100, 150, 7_000]);
    server.emit('frame', frameOf({ from: 7_000, to: 7_001, alerts: [numbered(3), numbered(4)] }));
    queue.takeHeld();
    expect([...queue.getView().ids].sort()).toEqual(['dec_1', 'dec_2', 'dec_3', 'dec_4']);
    expect(live.status.get().gap).toBeNull();
    live.stop();
  });

  it('does not take the positions of an instance that answers for a gap', async () => {
    const { server, asked, otherInstance, queue, live } = await aConnection();
    server.emit('frame', frameOf({}));
    server.emit('frame', frameOf({ from: 110, to: 130, dropped: 2 }));
    otherInstance({ logId: 'log_b', to: 9, rows: [numbered(1), numbered(2)] });
    await live.loadGap();
    expect(asked).toEqual([110]);
    expect([...queue.getView().ids].sort()).toEqual(['dec_1', 'dec_2']);
    expect(live.status.get()).toMatchObject({ gap: null, isLoadingGap: false });
    live.stop();
  });
});

describe('a tab that nobody sees', () => {
  it('lets go after a minute and resumes by cursor', async () => {
    const { server, subscriptions, isConnected, show, live } = await aConnection();
    server.emit('frame', frameOf({ to: 150 }));
    show(false);
    jest.advanceTimersByTime(59_999);
    expect(isConnected()).toBe(true);
    jest.advanceTimersByTime(1);
    expect(isConnected()).toBe(false);
    show(true);
    expect(subscriptions).toEqual([100, 150]);
    live.stop();
  });

  it('draws nothing meanwhile, and everything when it is seen again', async () => {
    const { server, queue, show, live } = await aConnection();
    show(false);
    server.emit('frame', frameOf({ alerts: [numbered(2)] }));
    jest.advanceTimersByTime(1_000);
    expect(queue.getView().heldCount).toBe(0);
    show(true);
    expect(queue.getView().heldCount).toBe(1);
    live.stop();
  });
});
