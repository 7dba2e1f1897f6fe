import type * as onnxruntime from 'onnxruntime-node';
import { invariant } from '@veto/domain';
import { demand, refusal } from '../refuse';

/** Rows that one run of the graph takes; larger batches are cut. */
export const RUN_ROW_COUNT_MAX = 1024;

type Runtime = typeof onnxruntime;
type InferenceSession = onnxruntime.InferenceSession;
type Tensor = onnxruntime.Tensor;

/**
 * One ONNX graph, `features` float32 [N, F] → `score` float32 [N], run on one thread over one buffer.
 * Only one run at a time: the next would overwrite the rows of the one before.
 */
export class ScoreSession {
  readonly #session: InferenceSession;
  readonly #tensorOf: (rows: Float32Array, dims: readonly number[]) => Tensor;
  readonly #featureCount: number;
  readonly #rows: Float32Array;

  private constructor(runtime: Runtime, session: InferenceSession, featureCount: number) {
    this.#session = session;
    this.#tensorOf = (rows, dims) => new runtime.Tensor('float32', rows, dims);
    this.#featureCount = featureCount;
    this.#rows = new Float32Array(RUN_ROW_COUNT_MAX * featureCount);
  }

  /** @throws VetoError model_rejected when the bytes are no graph, or one with other inputs and outputs */
  static async open(o: {
    readonly file: string;
    readonly model: Uint8Array;
    readonly featureCount: number;
  }): Promise<ScoreSession> {
    const runtime = await loadRuntime();
    let session: InferenceSession;
    try {
      session = await runtime.InferenceSession.create(o.model, {
        executionProviders: ['cpu'],
        intraOpNumThreads: 1,
        interOpNumThreads: 1,
        executionMode: 'sequential',
        graphOptimizationLevel: 'all',
        logSeverityLevel: 3,
      });
    } catch (cause) {
      throw refusal(`${o.file} is not a graph that onnxruntime can run: ${String(cause)}`, cause);
    }
    demandShape(o.file, session, o.featureCount);
    return new ScoreSession(runtime, session, o.featureCount);
  }

  /**
   * @param vectors 1 … RUN_ROW_COUNT_MAX rows of [F]; they must not change until the scores are there
   * @returns one score for each
   */
  async run(vectors: readonly Float64Array[]): Promise<Float32Array> {
    const width = this.#featureCount;
    // Doubles become the nearest float32, as they do in the trees that explain.
    vectors.forEach((vector, row) => this.#rows.set(vector, row * width));
    const features = this.#tensorOf(this.#rows.subarray(0, vectors.length * width), [vectors.length, width]);
    const { score } = await this.#session.run({ features }, ['score']);
    const scores = score?.data;
    invariant(
      scores instanceof Float32Array && scores.length === vectors.length,
      `the graph gave ${String(scores?.length)} scores for ${vectors.length} rows`,
    );
    return scores;
  }

  async release(): Promise<void> {
    await this.#session.release();
  }
}

/** The library opens a telemetry database when it is loaded, unless it is told not to before. */
async function loadRuntime(): Promise<Runtime> {
  process.env['ORT_DISABLE_TELEMETRY'] = '1';
  return import('onnxruntime-node');
}

function demandShape(file: string, session: InferenceSession, featureCount: number): void {
  const [input] = session.inputMetadata;
  const [output] = session.outputMetadata;
  const described = (value: onnxruntime.InferenceSession.ValueMetadata | undefined): string =>
    value?.isTensor === true ? `${value.name} ${value.type} [${value.shape.join(', ')}]` : 'nothing';
  const fits =
    session.inputNames.length === 1 &&
    input?.isTensor === true &&
    input.name === 'features' &&
    input.type === 'float32' &&
    input.shape.length === 2 &&
    input.shape[1] === featureCount;
  demand(fits, `${file}: expected one input, features float32 [N, ${featureCount}], got ${described(input)}`);
  const answers =
    output?.isTensor === true &&
    output.name === 'score' &&
    output.type === 'float32' &&
    output.shape.length === 1;
  demand(answers, `${file}: expected the output score float32 [N], got ${described(output)}`);
}
