import { PLANTED_FAULTS, type PlantedFault } from './planted-faults.spec-support';
import { simulate, type SeedOutcome } from './simulate.spec-support';

/** What one call of this script is to do; its arguments as JSON. */
interface Task {
  readonly firstSeed: number;
  readonly seedCount: number;
  readonly operationCount: number;
  readonly faults?: readonly PlantedFault[];
  /** Stops at the first seed that shows something. */
  readonly untilFound?: boolean;
  readonly trace?: boolean;
}

const task = JSON.parse(process.argv[2] ?? '{}') as Task;
const faults = new Set(task.faults ?? []);
for (const fault of faults)
  if (!(fault in PLANTED_FAULTS)) throw new Error(`there is no planted fault "${fault}"`);

let current = 0;
process.on('unhandledRejection', (reason) => {
  const says = reason instanceof Error ? String(reason.stack) : String(reason);
  process.stderr.write(`seed ${current}: a rejection that nobody hears of: ${says}
`);
  process.exit(1);
});

const total: Record<string, number> = {};
const found: SeedOutcome[] = [];
let seedCount = 0;
const startedUs = processorUs();
for (current = task.firstSeed; current < task.firstSeed + task.seedCount; current++) {
  const outcome = await simulate({
    seed: current,
    operationCount: task.operationCount,
    faults,
    ...(task.trace === true ? { trace: (line: string) => process.stderr.write(`${line}\n`) } : {}),
  });
  seedCount += 1;
  for (const [name, count] of Object.entries<number>({ ...outcome.tally }))
    total[name] = (total[name] ?? 0) + count;
  if (outcome.violations.length === 0) continue;
  found.push(outcome);
  if (task.untilFound === true) break;
}
const processorMs = (processorUs() - startedUs) / 1_000;
process.stdout.write(`${JSON.stringify({ seedCount, processorMs, total, found })}\n`);

function processorUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}
