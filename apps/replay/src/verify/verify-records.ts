import type { ModelManifest, StoredLogRecord } from '@veto/domain';
import type { ShardState } from '@veto/store';
import { checkAnswers } from './answers-check';
import type { ClientJournal } from './client-journal';
import { DecidedAgain } from './decided-again';
import { digestOfBooks } from './digest-of-books';
import { Findings, type Invariant } from './findings';
import { LogEvidence } from './log-evidence';
import { checkMemory } from './memory-check';
import { placeOrderOf, type ShardOf } from './place-order';
import { checkPlaces, checkPlacesInRedis } from './places-check';
import { invariantReports, type Looked, type VerifyReport } from './report';
import { SpillFile } from './spill-file';
import { checkState } from './state-check';

/** A log as the verifier reads it: its records once, those of one key in their order. */
export interface LogToVerify {
  readAll(take: (records: readonly StoredLogRecord[]) => void): Promise<void>;
}

/** What Redis holds. While instances decide it is of no one moment. */
export interface RedisSeen {
  readonly digest: string;
  readonly shards: readonly Pick<ShardState, 'shard' | 'opened' | 'seq'>[];
}

export interface VerifyOptions {
  /** The model that decided; decisions of another are counted apart. */
  readonly model: ModelManifest | null;
  /** What clients asked and were told; null = only the log is looked at. */
  readonly journal: ClientJournal | null;
  /** How tenants are spread over shards. */
  readonly shardOf: ShardOf;
  /** The shared state at this moment; null = it is not looked at. */
  readonly readRedis?: (() => Promise<RedisSeen>) | null;
}

/**
 * Reads a log once and checks I1 … I10 against it and the clients' journals. It trusts neither the store nor the line:
 * states are made again from what the log says took effect, vectors from states, decisions from their records.
 */
export async function verifyRecords(log: LogToVerify, options: VerifyOptions): Promise<VerifyReport> {
  const startedAtMs = performance.now();
  const findings = new Findings();
  const spill = new SpillFile();
  try {
    const again = new DecidedAgain({ model: options.model, findings });
    const evidence = new LogEvidence({ findings, spill, examine: (record, id) => again.examine(record, id) });
    await log.readAll((records) => {
      for (const record of records) evidence.take(record);
    });
    const order = placeOrderOf(evidence, options.shardOf, findings);
    const places = checkPlaces(order, findings);
    const state = checkState(evidence, { order, spill, findings });
    const digest = digestOfBooks(state.books);
    const redis = (await options.readRedis?.()) ?? null;
    if (redis !== null && redis.digest !== digest)
      findings.add('I5', 'redis_differs', 'the shared state', `has ${redis.digest}, the log ${digest}`);
    if (redis !== null) checkPlacesInRedis(order, redis.shards, findings);
    const answers = checkAnswers(evidence, options.journal, findings);
    const looked = lookedAt({
      ...{ evidence, again, places, state, answers, findings },
      hasRedis: redis !== null,
      journal: options.journal,
    });
    return {
      decisions: evidence.decisions.size,
      labels: evidence.labelCount,
      revisions: evidence.revisionCount,
      undecided: undecidedCountOf(evidence),
      local: again.localCount,
      other_versions: again.otherVersionCount,
      voids: answers.voidCount,
      difference_count: findings.total,
      invariants: invariantReports(looked, findings),
      findings: findings.shown,
      digest,
      seconds: (performance.now() - startedAtMs) / 1_000,
    };
  } finally {
    spill.close();
  }
}

function undecidedCountOf(evidence: LogEvidence): number {
  const undecided = new Set<string>();
  for (const { type, id } of evidence.events)
    if (type === 'payment' && !evidence.decisions.has(id)) undecided.add(id);
  return undecided.size;
}

function lookedAt(of: {
  readonly evidence: LogEvidence;
  readonly again: DecidedAgain;
  readonly places: ReturnType<typeof checkPlaces>;
  readonly state: ReturnType<typeof checkState>;
  readonly answers: ReturnType<typeof checkAnswers>;
  readonly journal: ClientJournal | null;
  readonly hasRedis: boolean;
  readonly findings: Findings;
}): Record<Invariant, Looked> {
  const { evidence, again, places, state, answers, journal } = of;
  const noJournal = journal === null ? 'no client journal was given' : null;
  const memory = journal === null ? null : checkMemory(journal, of.findings);
  const voidsUnproven =
    journal === null && answers.voidCount > 0
      ? 'whether a void one was answered only a client journal tells'
      : null;
  const lost =
    places.lostWithStateCount === 0
      ? ''
      : `, ${places.lostWithStateCount} lost with a shared state, from which nobody was answered`;
  const idle = state.idleEntityCount === 0 ? '' : `, ${state.idleEntityCount} idle and forgotten`;
  const redis = of.hasRedis ? ', and the digest of Redis' : '';
  return {
    I1: {
      checkedCount: answers.promisedCount,
      says: `${answers.promisedCount} payments promised to clients, ${evidence.decisions.size} decided`,
      notChecked: noJournal,
    },
    I2: {
      checkedCount: evidence.decisions.size,
      says: `${evidence.decisions.size} ids, ${answers.copyCount} copies, ${answers.voidCount} void`,
      notChecked: voidsUnproven,
    },
    I3: {
      checkedCount: answers.comparedCount,
      says: `${answers.comparedCount} bodies compared`,
      notChecked: noJournal,
    },
    I4: {
      checkedCount: state.vectorCount,
      says: `${state.vectorCount} vectors, ${again.count} decisions, ${again.localCount} of them on own histories`,
    },
    I5: {
      checkedCount: state.entityCount,
      says: `${state.entityCount} entities${idle}${redis}`,
    },
    I6: {
      checkedCount: state.linedUp.entityCount,
      says: `${state.linedUp.entityCount} entities whose ${state.linedUp.paymentCount} payments can be lined up`,
    },
    I7: {
      checkedCount: evidence.events.length,
      says: `${evidence.events.length} events, each with its tenant's entities only`,
    },
    I8: { checkedCount: 0, says: '', notApplicable: 'there is no audit chain yet' },
    I9: {
      checkedCount: places.placeCount,
      says: `${places.placeCount} places in ${places.epochCount} epochs${lost}`,
    },
    I10: {
      checkedCount: memory?.processCount ?? 0,
      says:
        memory === null
          ? 'no samples'
          : `${memory.processCount} processes, at most ${memory.growthMebibytesMax} MiB more at the end`,
      notChecked: noJournal,
    },
  };
}
