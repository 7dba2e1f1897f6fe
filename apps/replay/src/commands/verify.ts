import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { modelManifestSchema, type ModelManifest } from '@veto/domain';
import { readClientJournals } from '../verify/client-journal';
import { openEmbeddedSource } from '../verify/embedded-source';
import { reportLines } from '../verify/report';
import { verifyRecords } from '../verify/verify-records';

export interface VerifyCommand {
  /** Data directory of a stopped server. */
  readonly data: string;
  /** The model that decided; null = none. */
  readonly modelDirectory: string | null;
  /** Journals of clients; none = only the log is looked at. */
  readonly journals: readonly string[];
  /** Print one JSON object instead of lines. */
  readonly json: boolean;
}

/** Checks a log. @returns the exit code: 1 when anything was found */
export async function verify(command: VerifyCommand): Promise<number> {
  const journal = command.journals.length === 0 ? null : await readClientJournals(command.journals);
  const source = await openEmbeddedSource(command.data);
  try {
    const report = await verifyRecords(source, {
      model: command.modelDirectory === null ? null : manifestOf(command.modelDirectory),
      journal,
      shardOf: () => 0,
    });
    console.log(command.json ? JSON.stringify(report) : reportLines(report).join('\n'));
    return report.difference_count === 0 ? 0 : 1;
  } finally {
    await source.close();
  }
}

function manifestOf(modelDirectory: string): ModelManifest {
  return modelManifestSchema.parse(JSON.parse(readFileSync(join(modelDirectory, 'manifest.json'), 'utf8')));
}
