"""Grows the trees. The margin starts at the log odds of the training rows, so that the first trees need not find it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import xgboost as xgb
from sklearn.metrics import average_precision_score

from .monotone import constraints_of
from .split import Slice, split_head

# Fixed thresholds fall between two bins and cost average precision where a rule of thumb is sharp (220.00 on the
# Handbook's data): with 256 bins 0.04 is lost.
BIN_COUNT_MAX = 4096
TREE_COUNT_MAX = 200


@dataclass(frozen=True)
class Recipe:
    """What a training is made of, and nothing else: the same recipe and rows give the same trees."""

    eta: float = 0.1
    depth: int = 4
    tree_count: int = TREE_COUNT_MAX
    min_child_weight: float = 5.0
    l2: float = 5.0
    column_share: float = 0.7
    row_share: float = 1.0
    seed: int = 7
    monotone: bool = True

    def parameters(self, names: list[str]) -> dict[str, object]:
        """In the library's own words. One thread: sums of floats in one order, hence the same bytes each time."""
        return {
            "objective": "binary:logistic",
            "tree_method": "hist",
            "max_bin": BIN_COUNT_MAX,
            "eta": self.eta,
            "max_depth": self.depth,
            "min_child_weight": self.min_child_weight,
            "lambda": self.l2,
            "colsample_bytree": self.column_share,
            "subsample": self.row_share,
            "monotone_constraints": constraints_of(names) if self.monotone else tuple(0 for _ in names),
            "seed": self.seed,
            "nthread": 1,
            "verbosity": 0,
        }


@dataclass(frozen=True)
class Model:
    """Trees and the margin they start from. margin(x) = base_margin + the sum of the leaves that x falls into."""

    booster: xgb.Booster
    base_margin: float
    recipe: Recipe
    searched: list[dict[str, object]] = field(default_factory=list)

    def margins(self, features: np.ndarray) -> np.ndarray:
        """Raw log odds, float32 [N], as the library itself sums them."""
        return self.booster.predict(matrix_of(features, self.base_margin), output_margin=True)

    def contributions(self, features: np.ndarray) -> np.ndarray:
        """Exact TreeSHAP in margin units by the library, float32 [N, F + 1]; the last column is the expected margin."""
        return self.booster.predict(matrix_of(features, self.base_margin), pred_contribs=True)


def matrix_of(features: np.ndarray, base_margin: float, y: np.ndarray | None = None) -> xgb.DMatrix:
    """The library's matrix with the same starting margin in every row; NaN is missing."""
    start = np.full(len(features), base_margin, dtype=np.float32)
    return xgb.DMatrix(features, label=y, base_margin=start, missing=np.nan, nthread=1)


def log_odds(y: np.ndarray) -> float:
    """Of the share of frauds, as a float32 value: a number that every runtime can hold exactly."""
    share = float(np.mean(y))
    return float(np.float32(np.log(share / (1.0 - share))))


def grow(train: Slice, recipe: Recipe) -> Model:
    """Trees on all rows of a slice."""
    base_margin = log_odds(train.y)
    data = matrix_of(train.x, base_margin, train.y)
    booster = xgb.train(recipe.parameters(train.rows.names), data, num_boost_round=recipe.tree_count)
    return Model(booster, base_margin, recipe)


def tree_count_by_validation(train: Slice, valid: Slice, recipe: Recipe, patience: int = 30) -> tuple[int, float]:
    """How many trees are best on rows that come after those they grew on, and the average precision there.

    Chosen by log loss, which also punishes a probability that is off; average precision alone prefers noise.
    """
    base_margin = log_odds(train.y)
    data, later = matrix_of(train.x, base_margin, train.y), matrix_of(valid.x, base_margin, valid.y)
    parameters = {**recipe.parameters(train.rows.names), "eval_metric": "logloss"}
    booster = xgb.train(
        parameters,
        data,
        num_boost_round=recipe.tree_count,
        evals=[(later, "later")],
        early_stopping_rounds=patience,
        verbose_eval=False,
    )
    count = booster.best_iteration + 1
    scores = booster.predict(later, iteration_range=(0, count), output_margin=True)
    return count, float(average_precision_score(valid.y, scores))


def train_model(train: Slice, recipes: list[Recipe]) -> Model:
    """Chooses recipe and number of trees on the last fifth of the training time, then grows on all of it."""
    earlier, later = split_head(train, 0.8)
    searched: list[dict[str, object]] = []
    best: tuple[float, Recipe] | None = None
    for recipe in recipes:
        count, precision = tree_count_by_validation(earlier, later, recipe)
        candidate = Recipe(**{**recipe.__dict__, "tree_count": count})
        searched.append({"recipe": candidate, "average_precision": precision})
        if best is None or precision > best[0]:
            best = (precision, candidate)
    if best is None:
        raise ValueError("there is no recipe to train by")
    model = grow(train, best[1])
    return Model(model.booster, model.base_margin, model.recipe, searched)
