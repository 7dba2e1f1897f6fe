import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspectRedis, shardOf } from '@veto/store';
import { modelManifestSchema, type ModelManifest } from '@veto/domain';
import { requireRedis, type ClusterPlace } from '../cluster/cluster-place';
import { readClientJournals } from '../verify/client-journal';
import { clusterSource } from '../verify/cluster-source';
import { openEmbeddedSource } from '../verify/embedded-source';
import { reportLines } from '../verify/report';
import { verifyRecords } from '../verify/verify-records';

export interface VerifyCommand {
  /** Data directory of a stopped server; it is looked at where no brokers are named. */
  readonly data: string;
  /** The model that decided; null = none. */
  readonly modelDirectory: string | null;
  /** Journals of clients; none = only the log is looked at. */
  readonly journals: readonly string[];
  /** Also compare what Redis holds with what the log says; instances must not be deciding meanwhile. */
  readonly withRedis: boolean;
  /** Print one JSON object instead of lines. */
  readonly json: boolean;
}

/** Checks a log: the cluster's where brokers are named. @returns the exit code: 1 when anything was found */
export async function verify(place: ClusterPlace, command: VerifyCommand): Promise<number> {
  const isOnCluster = place.brokers.length > 0;
  if (isOnCluster && command.withRedis) await requireRedis(place, 'verify --redis');
  const journal = command.journals.length === 0 ? null : await readClientJournals(command.journals);
  const model = command.modelDirectory === null ? null : manifestOf(command.modelDirectory);
  const embedded = isOnCluster ? null : await openEmbeddedSource(command.data);
  try {
    const report = await verifyRecords(embedded ?? clusterSource(place), {
      ...{ model, journal, shardOf },
      readRedis: embedded === null && command.withRedis ? () => inspectRedis(place.redisUrls) : null,
    });
    console.log(command.json ? JSON.stringify(report) : reportLines(report).join('\n'));
    return report.difference_count === 0 ? 0 : 1;
  } finally {
    await embedded?.close();
  }
}

function manifestOf(modelDirectory: string): ModelManifest {
  return modelManifestSchema.parse(JSON.parse(readFileSync(join(modelDirectory, 'manifest.json'), 'utf8')));
}
