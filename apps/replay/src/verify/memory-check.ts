import type { ClientJournal, MemorySample } from './client-journal';
import type { Findings } from './findings';

/** With less there is no trend to be seen. */
const SAMPLE_COUNT_MIN = 12;
const MEBIBYTE = 1024 * 1024;
/** How much a process may hold more in the last third of its time than in the middle third, once it is warm. */
const GROWTH_BYTES_MAX = 50 * MEBIBYTE;

/** I10: memory does not grow with time. @returns how many processes had samples enough, and the largest growth in MiB */
export function checkMemory(
  journal: ClientJournal,
  findings: Findings,
): { readonly processCount: number; readonly growthMebibytesMax: number } {
  let processCount = 0;
  let growthMax = 0;
  for (const [name, samples] of journal.memory) {
    if (samples.length < SAMPLE_COUNT_MIN) continue;
    processCount++;
    const growth = growthOf(samples);
    growthMax = Math.max(growthMax, growth);
    if (growth > GROWTH_BYTES_MAX)
      findings.add(
        'I10',
        'memory_grew',
        name,
        `holds ${Math.round(growth / MEBIBYTE)} MiB more at its end than midway`,
      );
  }
  return { processCount, growthMebibytesMax: Math.round(growthMax / MEBIBYTE) };
}

function growthOf(samples: readonly MemorySample[]): number {
  const sorted = [...samples].sort((a, b) => a.atMs - b.atMs).map(({ rssBytes }) => rssBytes);
  const third = Math.floor(sorted.length / 3);
  return medianOf(sorted.slice(-third)) - medianOf(sorted.slice(third, 2 * third));
}

function medianOf(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
