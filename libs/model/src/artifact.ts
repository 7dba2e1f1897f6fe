import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { modelManifestSchema, type FeatureSet, type ModelManifest } from '@veto/domain';
import { parseGolden, type GoldenRow } from './golden';
import { demand, refusal } from './refuse';
import { parseTreeEnsemble, type TreeEnsemble } from './tree-ensemble';

/** What an artifact's folder holds, read once and known to be whole and to fit the feature set. */
export interface Artifact {
  readonly manifest: ModelManifest;
  /** ONNX bytes. */
  readonly model: Uint8Array;
  readonly trees: TreeEnsemble;
  readonly golden: readonly GoldenRow[];
}

/**
 * Reads and checks an artifact up to what can be known without running it.
 * @throws VetoError model_rejected naming the file, or the first differing feature
 */
export async function readArtifact(o: {
  readonly directory: string;
  readonly featureSet: FeatureSet;
}): Promise<Artifact> {
  const manifest = await readManifest(o.directory);
  demandFeatures(manifest, o.featureSet);
  const { files } = manifest;
  const model = await readWhole(o.directory, files.model);
  const trees = parseTreeEnsemble(files.trees.path, await readWholeText(o.directory, files.trees));
  const featureCount = manifest.features.length;
  demand(
    trees.featureCount === featureCount,
    `${files.trees.path} is made for ${trees.featureCount} features, manifest.json names ${featureCount}`,
  );
  const golden = parseGolden(files.golden.path, await readWholeText(o.directory, files.golden), featureCount);
  return { manifest, model, trees, golden };
}

async function readManifest(directory: string): Promise<ModelManifest> {
  const path = join(directory, 'manifest.json');
  const text = new TextDecoder().decode(await readBytes(path));
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw refusal(`${path} is not JSON`, cause);
  }
  const parsed = modelManifestSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw refusal(
    `${path}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'does not have the documented shape'}`,
  );
}

/** Names first: "hash differs" alone helps nobody. */
function demandFeatures(manifest: ModelManifest, featureSet: FeatureSet): void {
  const declared = featureSet.definitions.map((definition) => definition.name);
  const trained = manifest.features;
  const model = `model ${manifest.id} ${manifest.version}`;
  const differing = Array.from({ length: Math.max(declared.length, trained.length) }, (_, i) => i).filter(
    (i) => declared[i] !== trained[i],
  );
  const examples = differing
    .slice(0, 3)
    .map(
      (i) =>
        `input ${i} is ${trained[i] ?? 'missing'} in the model and ${declared[i] ?? 'missing'} in the set`,
    );
  demand(
    differing.length === 0,
    `${model} was trained on other features (${differing.length} of ${declared.length} differ): ${examples.join('; ')}`,
  );
  demand(
    manifest.features_hash === featureSet.hash,
    `${model} was trained on the features' hash ${manifest.features_hash}, the set at hand has the hash ${featureSet.hash}: the names are the same, a definition is not`,
  );
}

async function readWholeText(directory: string, file: { path: string; sha256: string }): Promise<string> {
  return new TextDecoder().decode(await readWhole(directory, file));
}

async function readWhole(directory: string, file: { path: string; sha256: string }): Promise<Uint8Array> {
  demand(
    basename(file.path) === file.path,
    `manifest.json names ${file.path}; an artifact's files lie in its own folder`,
  );
  const bytes = await readBytes(join(directory, file.path));
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  demand(
    sha256 === file.sha256,
    `${join(directory, file.path)} has sha256 ${sha256}, manifest.json says ${file.sha256}`,
  );
  return bytes;
}

async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw refusal(`${path} cannot be read`, cause);
  }
}
