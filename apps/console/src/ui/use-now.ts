import { useSyncExternalStore } from 'react';
import { Listeners } from '../desk/listeners';

const TICK_MS = 250;
const listeners = new Listeners();
let tickAtMs = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;
let listenerCount = 0;

/** One timer for every age and countdown on the page, running only while somebody looks. */
function subscribe(listener: () => void): () => void {
  const stop = listeners.subscribe(listener);
  listenerCount += 1;
  timer ??= setInterval(() => {
    tickAtMs = Date.now();
    listeners.notify();
  }, TICK_MS);
  return () => {
    stop();
    listenerCount -= 1;
    if (listenerCount === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/** This console's clock, ms since epoch, rounded down to `everyMs`: a component renders only when its own step is over. */
export function useNow(everyMs = 1_000): number {
  return useSyncExternalStore(
    subscribe,
    () => Math.floor(Math.max(tickAtMs, Date.now() - TICK_MS) / everyMs) * everyMs,
  );
}
