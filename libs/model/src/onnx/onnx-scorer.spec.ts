import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FeatureSet, ModelScorer } from '@veto/domain';
import { modelScorerConformance, type ModelDamage } from '@veto/testing';
import { aChangedArtifact, aFolder, featureSetOf, readManifest, TINY_GBT } from '../an-artifact.spec-support';
import { loadOnnxScorer, WAITING_ROW_COUNT_MAX } from './onnx-scorer';
import { RUN_ROW_COUNT_MAX } from './score-session';

const manifest = readManifest(TINY_GBT);
const featureSet = featureSetOf(manifest);
const names = manifest.features;

const load = (directory = TINY_GBT, set: FeatureSet = featureSet): Promise<ModelScorer> =>
  loadOnnxScorer({ directory, featureSet: set });

const DAMAGED: Readonly<Record<ModelDamage, () => Promise<ModelScorer>>> = {
  model_bytes: () =>
    load(aChangedArtifact({ file: 'model.onnx', change: (text) => `${text} `, resign: false })),
  feature_order: () => load(TINY_GBT, withDefinitions(featureSet.definitions.toReversed())),
  features_hash: () => load(TINY_GBT, { ...featureSet, hash: `sha256:${'0'.repeat(64)}` }),
  golden_scores: () =>
    load(
      aChangedArtifact({
        file: 'golden.json',
        change: (text) => text.replace(/"score":[^,]+/, '"score":0.987'),
        resign: true,
      }),
    ),
};

function withDefinitions(definitions: FeatureSet['definitions']): FeatureSet {
  return { ...featureSet, definitions };
}

modelScorerConformance('the ONNX scorer', async () => {
  const scorer = await load();
  return { scorer, loadDamaged: (damage) => DAMAGED[damage](), dispose: () => scorer.close() };
});

describe('an artifact', () => {
  const refusal = (sentence: string): unknown =>
    expect.objectContaining({ code: 'model_rejected', message: expect.stringContaining(sentence) });

  it('is refused with the first inputs that differ, by position and both names', async () => {
    const [first, second, ...rest] = featureSet.definitions;
    await expect(load(TINY_GBT, withDefinitions([second!, first!, ...rest]))).rejects.toEqual(
      refusal(`(2 of 8 differ): input 0 is ${names[0]} in the model and ${names[1]} in the set; input 1 is`),
    );
  });

  it('is refused when the set has grown since it was trained', async () => {
    const grown = [...featureSet.definitions, { ...featureSet.definitions[0]!, name: 'card_count_1h' }];
    await expect(load(TINY_GBT, withDefinitions(grown))).rejects.toEqual(
      refusal('input 8 is missing in the model and card_count_1h in the set'),
    );
  });

  it('is refused with the golden vector, what was expected and what came', async () => {
    const { rows } = JSON.parse(readFileSync(join(TINY_GBT, 'golden.json'), 'utf8'));
    await expect(DAMAGED.golden_scores()).rejects.toEqual(
      refusal(
        `golden vector 0 (${rows[0].name}): expected score 0.987, got ${String(rows[0].score).slice(0, 6)}`,
      ),
    );
  });

  it('is refused when a golden contribution is another, with the feature', async () => {
    const change = (text: string): string => text.replace(/"contributions":\[[^,]+/, '"contributions":[5');
    const directory = aChangedArtifact({ file: 'golden.json', change, resign: true });
    await expect(load(directory)).rejects.toEqual(
      refusal(`expected a contribution of 5 by ${names[0]}, got `),
    );
  });

  it('is refused when its trees are not those of its graph', async () => {
    const change = (text: string): string => text.replace(/"base_margin": [^,]+/, '"base_margin": -1');
    const directory = aChangedArtifact({ file: 'trees.json', change, resign: true });
    await expect(load(directory)).rejects.toEqual(refusal('from the trees'));
  });

  it('is refused when it has too few golden vectors to prove anything', async () => {
    const change = (text: string): string => {
      const json = JSON.parse(text);
      return JSON.stringify({ ...json, rows: json.rows.slice(0, 31) });
    };
    const directory = aChangedArtifact({ file: 'golden.json', change, resign: true });
    await expect(load(directory)).rejects.toEqual(
      refusal('golden.json has 31 vectors; at least 32 are needed'),
    );
  });

  it('is refused when its graph is no graph, in words and not by a crash', async () => {
    const directory = aChangedArtifact({ file: 'model.onnx', change: () => 'not a graph', resign: true });
    await expect(load(directory)).rejects.toEqual(
      refusal('model.onnx is not a graph that onnxruntime can run'),
    );
  });

  it('is refused when a file is not there', async () => {
    const directory = aFolder();
    await expect(load(directory)).rejects.toEqual(refusal('manifest.json cannot be read'));
    cpSync(TINY_GBT, directory, { recursive: true });
    rmSync(join(directory, 'trees.json'));
    await expect(load(directory)).rejects.toEqual(refusal('trees.json cannot be read'));
  });

  it('is refused when its manifest points out of its folder', async () => {
    const change = (text: string): string => text.replace('"model.onnx"', '"../model.onnx"');
    const directory = aChangedArtifact({ file: 'manifest.json', change, resign: false });
    await expect(load(directory)).rejects.toEqual(refusal('names ../model.onnx'));
  });

  it.each([
    ['is no JSON', '{', 'manifest.json is not JSON'],
    ['lacks what a manifest has', '{}', 'manifest.json: id'],
  ])('is refused when its manifest %s', async (_, text, sentence) => {
    const directory = aFolder();
    writeFileSync(join(directory, 'manifest.json'), text);
    await expect(load(directory)).rejects.toEqual(refusal(sentence));
  });
});

describe('a loaded scorer', () => {
  let scorer: ModelScorer;
  const rows: readonly Float64Array[] = JSON.parse(
    readFileSync(join(TINY_GBT, 'golden.json'), 'utf8'),
  ).rows.map((row: { features: (number | null)[] }) =>
    Float64Array.from(row.features, (value) => value ?? NaN),
  );

  beforeEach(async () => {
    scorer = await load();
  });
  afterEach(() => scorer.close());

  it('gives simultaneous callers their own scores, in whatever runs they end up', async () => {
    const together = await scorer.score(rows);
    const alone = await Promise.all(rows.map((row) => scorer.score([row])));
    expect(alone.map(([score]) => score)).toEqual(Array.from(together));
  });

  it('cuts a batch that is longer than a run and keeps its order', async () => {
    const many = Array.from({ length: RUN_ROW_COUNT_MAX * 2 + 1 }, (_, i) => rows[i % rows.length]!);
    const expected = await scorer.score(rows);
    const scores = await scorer.score(many);
    expect(scores).toHaveLength(many.length);
    expect(scores.every((score, i) => score === expected[i % rows.length])).toBe(true);
  });

  it('refuses the first row that would wait behind too many, and serves the others', async () => {
    const run = Array.from({ length: RUN_ROW_COUNT_MAX }, (_, i) => rows[i % rows.length]!);
    // The first batch leaves at once, so as many again as may wait fit behind it.
    const waiting = Array.from({ length: 1 + WAITING_ROW_COUNT_MAX / RUN_ROW_COUNT_MAX }, () =>
      scorer.score(run),
    );
    await expect(scorer.score([rows[0]!])).rejects.toMatchObject({
      code: 'model_unavailable',
      retryable: true,
    });
    await expect(Promise.all(waiting)).resolves.toHaveLength(waiting.length);
    await expect(scorer.score([rows[0]!])).resolves.toHaveLength(1);
  });

  it('scores what is waiting when it is closed, and nothing after', async () => {
    const before = [scorer.score([rows[0]!]), scorer.score([rows[1]!])];
    await Promise.all([scorer.close(), scorer.close()]);
    await expect(Promise.all(before)).resolves.toHaveLength(2);
    await expect(scorer.score([rows[0]!])).rejects.toMatchObject({
      code: 'model_unavailable',
      retryable: false,
    });
  });

  it('takes a vector of another width for our own mistake', async () => {
    const sentence = 'model tiny-gbt: expected 8 features, got 7';
    await expect(scorer.score([new Float64Array(7)])).rejects.toThrow(sentence);
    expect(() => scorer.explain(new Float64Array(7))).toThrow(sentence);
  });

  it('leaves no telemetry behind', () => {
    expect(process.env['ORT_DISABLE_TELEMETRY']).toBe('1');
    expect(readdirSync(TINY_GBT)).toHaveLength(5);
  });
});
