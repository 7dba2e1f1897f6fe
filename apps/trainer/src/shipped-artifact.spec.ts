import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { modelManifestSchema } from '@veto/domain';
import { featureSet } from '@veto/features';
import { bundledModelDirectory, loadOnnxScorer } from '@veto/model';

const directory = bundledModelDirectory();
const manifest = modelManifestSchema.parse(
  JSON.parse(readFileSync(join(directory, 'manifest.json'), 'utf8')),
);

describe('the shipped artifact', () => {
  it('is trained on the features that the line serves today', () => {
    expect(manifest.features).toEqual(featureSet.definitions.map((definition) => definition.name));
    expect(manifest.features_hash).toBe(featureSet.hash);
  });

  it('proves itself on its golden vectors when it is loaded', async () => {
    const scorer = await loadOnnxScorer({ directory, featureSet });
    expect(scorer.manifest.id).toBe('fraud-gbt');
    await scorer.close();
  });

  it('says what is typical of every feature', () => {
    expect(Object.keys(manifest.typical).sort()).toEqual(manifest.features.toSorted());
  });

  it('is calibrated on days after its training, and judged on days after those', () => {
    expect(manifest.calibration.method).toBe('platt');
    // Trained on the first day of the test slice: created_at lies after the last row that was learned from.
    expect(Date.parse(manifest.created_at)).toBeGreaterThan(Date.parse(manifest.training.to));
  });

  it('finds a good half of the frauds at one false alarm in a hundred', () => {
    expect(manifest.metrics['recall_at_1_percent_fpr']).toBeGreaterThan(0.5);
    expect(manifest.metrics['average_precision']).toBeGreaterThan(0.4);
  });

  it('expects about as many frauds as there were', () => {
    const ratio = manifest.metrics['expected_frauds']! / manifest.metrics['test_frauds']!;
    expect(ratio).toBeGreaterThan(0.6);
    expect(ratio).toBeLessThan(1.6);
  });
});

describe('the trainer', () => {
  const lines = readFileSync(join(__dirname, '../requirements.txt'), 'utf8').trim().split('\n');

  it('pins every package that it asks for, and names no index', () => {
    expect(lines.length).toBeGreaterThanOrEqual(5);
    for (const line of lines) expect(line).toMatch(/^[a-z0-9-]+==\d+\.\d+\.\d+$/);
  });

  it('trained the shipped artifact with the pinned library', () => {
    const pin = lines.find((line) => line.startsWith('xgboost-cpu=='))?.split('==')[1];
    expect(manifest.training.library).toBe(`xgboost ${pin}`);
  });
});
