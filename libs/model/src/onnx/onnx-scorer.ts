import {
  invariant,
  VetoError,
  type Explanation,
  type FeatureSet,
  type ModelManifest,
  type ModelScorer,
} from '@veto/domain';
import { readArtifact } from '../artifact';
import { Explainer } from '../explainer';
import { demandGolden } from '../golden';
import { RUN_ROW_COUNT_MAX, ScoreSession } from './score-session';

/** Rows that may wait for a run; one more is refused, since a queue that only grows answers nobody in time. */
export const WAITING_ROW_COUNT_MAX = 16_384;

interface Waiting {
  readonly vectors: readonly Float64Array[];
  readonly resolve: (scores: Float64Array) => void;
  readonly reject: (error: VetoError) => void;
}

/**
 * Loads an artifact and lets it prove itself on its golden vectors before anybody is scored with it.
 * @param options.directory holds manifest.json and the files that it names
 * @throws VetoError model_rejected says what differs
 */
export async function loadOnnxScorer(options: {
  readonly directory: string;
  readonly featureSet: FeatureSet;
}): Promise<ModelScorer> {
  const { manifest, model, trees, golden } = await readArtifact(options);
  const file = manifest.files.model.path;
  const session = await ScoreSession.open({ file, model, featureCount: manifest.features.length });
  const scorer = new OnnxScorer(manifest, session, new Explainer(trees));
  try {
    const scores = await scorer.score(golden.map((row) => row.features));
    demandGolden({ rows: golden, names: manifest.features, scores, explainer: scorer.explainer });
  } catch (error) {
    await scorer.close();
    throw error;
  }
  return scorer;
}

/**
 * Gathers without waiting: while one run is on its way, calls collect for the next, so that many single callers cost
 * as few runs as one caller with a batch.
 */
class OnnxScorer implements ModelScorer {
  readonly manifest: ModelManifest;
  readonly explainer: Explainer;
  readonly #session: ScoreSession;
  readonly #waiting: Waiting[] = [];
  #waitingRowCount = 0;
  #running: Promise<void> | null = null;
  #closing: Promise<void> | null = null;

  constructor(manifest: ModelManifest, session: ScoreSession, explainer: Explainer) {
    this.manifest = manifest;
    this.explainer = explainer;
    this.#session = session;
  }

  async score(vectors: readonly Float64Array[]): Promise<Float64Array> {
    for (const vector of vectors) this.#demandWidth(vector);
    if (vectors.length <= RUN_ROW_COUNT_MAX) return this.#scoreTogether(vectors);
    const scores = new Float64Array(vectors.length);
    for (let start = 0; start < vectors.length; start += RUN_ROW_COUNT_MAX) {
      scores.set(await this.#scoreTogether(vectors.slice(start, start + RUN_ROW_COUNT_MAX)), start);
    }
    return scores;
  }

  explain(vector: Float64Array): Explanation {
    this.#demandWidth(vector);
    return this.explainer.explain(vector);
  }

  /** Scores what is waiting, then lets the graph go. A second call waits for the first. */
  async close(): Promise<void> {
    this.#closing ??= (this.#running ?? Promise.resolve()).then(() => this.#session.release());
    await this.#closing;
  }

  #demandWidth(vector: Float64Array): void {
    const width = this.manifest.features.length;
    invariant(
      vector.length === width,
      `model ${this.manifest.id}: expected ${width} features, got ${vector.length}`,
    );
  }

  async #scoreTogether(vectors: readonly Float64Array[]): Promise<Float64Array> {
    const model = `model ${this.manifest.id} ${this.manifest.version}`;
    if (this.#closing !== null) throw new VetoError('model_unavailable', `${model} is closed`);
    if (vectors.length === 0) return new Float64Array(0);
    if (this.#waitingRowCount + vectors.length > WAITING_ROW_COUNT_MAX) {
      const sentence = `${model}: ${this.#waitingRowCount} rows are waiting, at most ${WAITING_ROW_COUNT_MAX} may`;
      throw new VetoError('model_unavailable', sentence, { retryable: true });
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ vectors, resolve, reject });
      this.#waitingRowCount += vectors.length;
      this.#running ??= this.#runWhileWaiting();
    });
  }

  async #runWhileWaiting(): Promise<void> {
    while (this.#waiting.length > 0) await this.#runOnce(this.#takeTogether());
    this.#running = null;
  }

  /** As many waiting calls, in order, as fit into one run. */
  #takeTogether(): Waiting[] {
    let rowCount = 0;
    let callCount = 0;
    for (const { vectors } of this.#waiting) {
      if (rowCount + vectors.length > RUN_ROW_COUNT_MAX) break;
      rowCount += vectors.length;
      callCount++;
    }
    this.#waitingRowCount -= rowCount;
    return this.#waiting.splice(0, callCount);
  }

  async #runOnce(calls: readonly Waiting[]): Promise<void> {
    try {
      const scores = await this.#session.run(calls.flatMap((call) => call.vectors));
      let start = 0;
      for (const { vectors, resolve } of calls) {
        resolve(Float64Array.from(scores.subarray(start, start + vectors.length)));
        start += vectors.length;
      }
    } catch (cause) {
      const sentence = `model ${this.manifest.id} ${this.manifest.version} cannot score: ${String(cause)}`;
      for (const { reject } of calls)
        reject(new VetoError('model_unavailable', sentence, { retryable: true, cause }));
    }
  }
}
