import type { LiveFrame } from '@veto/domain';
import { aClock } from '@veto/testing';
import { BUFFERED_BYTES_KICK, BUFFERED_BYTES_PAUSE, LiveClient, STUCK_MS } from './live-client';
import type { LiveSource } from './live-source';

/** A console whose connection holds as many bytes as the test says. */
function aStuckConsole(): {
  client: LiveClient;
  frames: LiveFrame[];
  kicks: number[];
  hold(bytes: number): void;
  advance(ms: number): void;
} {
  const clock = aClock();
  const frames: LiveFrame[] = [];
  const kicks: number[] = [];
  let bufferedBytes = 0;
  const source = {
    alertCountAfter: () => 0,
    due: (_tenantId: string, after: number) => Promise.resolve({ items: [], to: after, lagMs: 0 }),
    counts: () => ({}),
  } as unknown as LiveSource;
  const client = new LiveClient({
    tenantId: 'acme',
    source,
    clock,
    after: 0,
    sink: {
      send: (frame) => frames.push(frame),
      bufferedBytes: () => bufferedBytes,
      disconnect: () => kicks.push(bufferedBytes),
    },
    events: { skipped: () => undefined, kicked: () => undefined },
  });
  return {
    client,
    frames,
    kicks,
    hold: (bytes) => (bufferedBytes = bytes),
    advance: (ms) => clock.advance(ms),
  };
}

describe('a console that takes nothing', () => {
  it('is sent nothing more while its connection is full, and goes on when it is not', async () => {
    const { client, frames, hold, advance } = aStuckConsole();
    await client.pump();
    hold(BUFFERED_BYTES_PAUSE);
    advance(5_000);
    await client.pump();
    expect(frames).toHaveLength(1);
    hold(BUFFERED_BYTES_PAUSE - 1);
    await client.pump();
    expect(frames).toHaveLength(2);
  });

  it('is disconnected after 30 s, and not before', async () => {
    const { client, kicks, hold, advance } = aStuckConsole();
    hold(BUFFERED_BYTES_PAUSE);
    await client.pump();
    advance(STUCK_MS);
    await client.pump();
    expect(kicks).toEqual([]);
    advance(1);
    await client.pump();
    expect(kicks).toEqual([BUFFERED_BYTES_PAUSE]);
  });

  it('is disconnected at once when more than 1 MB has piled up', async () => {
    const { client, kicks, hold } = aStuckConsole();
    hold(BUFFERED_BYTES_KICK + 1);
    await client.pump();
    expect(kicks).toEqual([BUFFERED_BYTES_KICK + 1]);
  });

  it('has its patience renewed whenever it takes something', async () => {
    const { client, kicks, hold, advance } = aStuckConsole();
    for (let i = 0; i < 3; i++) {
      hold(BUFFERED_BYTES_PAUSE);
      await client.pump();
      advance(STUCK_MS);
      hold(0);
      await client.pump();
    }
    expect(kicks).toEqual([]);
  });
});
