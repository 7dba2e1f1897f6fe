import { useEffect, useRef } from 'react';
import type { QueueView } from '../../../desk/queue-store';
import { announce } from '../../../ui/announcer';

/** A screen reader hears of new alerts at most this often, in ms. */
const ANNOUNCE_INTERVAL_MS = 15_000;

/** Says how many wait, never which: "62 new alerts, 4 critical". */
export function useNewItemsAnnouncement(view: QueueView): void {
  const latest = useRef(view);
  useEffect(() => {
    latest.current = view;
  });
  useEffect(() => {
    let saidCount = 0;
    const timer = setInterval(() => {
      const { heldCount, heldCriticalCount } = latest.current;
      if (heldCount > saidCount) announce(`${heldCount} new alerts, ${heldCriticalCount} critical`);
      saidCount = heldCount;
    }, ANNOUNCE_INTERVAL_MS);
    return () => clearInterval(timer);
  }, []);
}
