import type { Explanation } from '@veto/domain';
import { probabilityOf, probabilitySlope } from './calibration';
import type { TreeEnsemble } from './tree-ensemble';
import { TreeShap, type MarginExplanation } from './tree-shap';

/** Nearer than this to the expected margin, the quotient of two tiny differences is noise; its limit is the slope. */
const MARGIN_DIFFERENCE_MIN = 1e-6;

/**
 * Explains scores: TreeSHAP in log odds, in which features add up, brought to score units by one factor, so that
 * the order and the proportions of the contributions stay what the trees say.
 */
export class Explainer {
  /** Score of an average training payment. */
  readonly base: number;
  readonly #trees: TreeEnsemble;
  readonly #shap: TreeShap;

  constructor(trees: TreeEnsemble) {
    this.#trees = trees;
    this.#shap = new TreeShap(trees);
    this.base = probabilityOf(this.#shap.expectedMargin, trees.calibration);
  }

  /** Log odds of an average training payment. */
  get expectedMargin(): number {
    return this.#shap.expectedMargin;
  }

  /** In log odds, before calibration: what the training library's own explanation is compared with. */
  explainMargin(vector: Float64Array): MarginExplanation {
    return this.#shap.explain(vector);
  }

  /** @param vector [F], NaN = missing */
  explain(vector: Float64Array): Explanation {
    const { margin, contributions } = this.#shap.explain(vector);
    const score = probabilityOf(margin, this.#trees.calibration);
    const difference = margin - this.#shap.expectedMargin;
    const factor =
      Math.abs(difference) < MARGIN_DIFFERENCE_MIN
        ? probabilitySlope(margin, this.#trees.calibration)
        : (score - this.base) / difference;
    for (let f = 0; f < contributions.length; f++) contributions[f]! *= factor;
    return { score, base: this.base, contributions };
  }
}
