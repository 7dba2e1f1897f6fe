import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { modelManifestSchema, type FeatureSet, type ModelManifest } from '@veto/domain';

/** Twelve trees over eight made-up features, written by the trainer. */
export const TINY_GBT = join(__dirname, 'testdata/tiny-gbt');

export function readManifest(directory: string): ModelManifest {
  return modelManifestSchema.parse(JSON.parse(readFileSync(join(directory, 'manifest.json'), 'utf8')));
}

/** The feature set that an artifact was trained on, as far as a manifest tells. */
export function featureSetOf(manifest: ModelManifest): FeatureSet {
  const definitions = manifest.features.map((name) => ({
    name,
    description: `Made up: ${name}`,
    unit: 'none',
    windowMs: null,
    range: [null, null] as const,
    missing: 'drawn by chance',
    entity: null,
    derivesFrom: [],
  }));
  return { definitions, hash: manifest.features_hash };
}

const folders: string[] = [];

afterAll(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** An empty folder that lives as long as the test file that asked for it. */
export function aFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'veto-model-'));
  folders.push(folder);
  return folder;
}

/**
 * A copy of the tiny artifact, in a temporary folder, in which one file has another text.
 * @param resign also writes the new sha256 into the manifest, as whoever forges an artifact would
 */
export function aChangedArtifact(o: {
  readonly file: 'manifest.json' | 'trees.json' | 'golden.json' | 'model.onnx';
  readonly change: (text: string) => string;
  readonly resign: boolean;
}): string {
  const directory = aFolder();
  cpSync(TINY_GBT, directory, { recursive: true });
  const path = join(directory, o.file);
  // latin1 keeps every byte of a binary file as one character.
  const bytes = Buffer.from(o.change(readFileSync(path, 'latin1')), 'latin1');
  writeFileSync(path, bytes);
  if (o.resign) {
    const before = readManifest(directory).files;
    const part = Object.values(before).find((file) => file.path === o.file);
    const manifest = readFileSync(join(directory, 'manifest.json'), 'utf8');
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    writeFileSync(join(directory, 'manifest.json'), manifest.replace(part?.sha256 ?? '', sha256));
  }
  return directory;
}
