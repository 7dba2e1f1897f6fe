import { readdirSync, readFileSync } from 'node:fs';
import type { Journal } from './journal';

const PAGE_BYTES = 4_096;
/** Ticks of /proc/<pid>/stat in a second, on every Linux there is. */
const TICKS_PER_SECOND = 100;

/** What a process holds at this moment. */
export interface Resources {
  readonly rssBytes: number;
  readonly fileCount: number;
  readonly cpuSeconds: number;
}

/** @returns null when there is no such process any more */
export function resourcesOf(pid: number): Resources | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold blanks.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [user = 0, system = 0] = [Number(fields[11]), Number(fields[12])];
    return {
      rssBytes: Number(fields[21]) * PAGE_BYTES,
      fileCount: readdirSync(`/proc/${pid}/fd`).length,
      cpuSeconds: (user + system) / TICKS_PER_SECOND,
    };
  } catch {
    return null;
  }
}

/** Writes the memory of processes into the journal once a second, until it is stopped. */
export function sampleMemory(
  journal: Journal,
  processes: () => readonly { readonly name: string; readonly pid: number | null }[],
): () => void {
  const timer = setInterval(() => {
    for (const { name, pid } of processes()) {
      const resources = pid === null ? null : resourcesOf(pid);
      if (resources !== null) journal.memory(`${name} ${pid}`, resources.rssBytes);
    }
  }, 1_000);
  return () => clearInterval(timer);
}
