"""Vectors with their scores and contributions, by which whoever loads the artifact can tell that it understands it."""

from __future__ import annotations

import numpy as np

from .numbers import float32_json
from .train import Model
from .trees import LEAF, Trees

QUANTILE_COUNT = 32
EDGE_COUNT = 8


def golden_vectors(trees: Trees, features: np.ndarray, margins: np.ndarray) -> tuple[list[str], np.ndarray]:
    """Names and rows: the whole range of scores, nothing known, nothing happened, and both sides of the busiest thresholds."""
    order = np.argsort(margins, kind="stable")
    quantiles = np.linspace(0.0, 1.0, QUANTILE_COUNT)
    chosen = features[order[np.rint(quantiles * (len(order) - 1)).astype(np.int64)]]
    names = [f"score quantile {quantile:.3f}" for quantile in quantiles]
    rows = list(chosen)
    names += ["everything missing", "everything zero"]
    rows += [np.full(features.shape[1], np.nan, dtype=np.float32), np.zeros(features.shape[1], dtype=np.float32)]
    middle = chosen[QUANTILE_COUNT // 2]
    for feature, threshold in _busiest_splits(trees):
        for side, value in (("at", threshold), ("just below", np.nextafter(threshold, np.float32(-np.inf)))):
            row = middle.copy()
            row[feature] = value
            names.append(f"{side} a threshold of input {feature}")
            rows.append(row)
    return names, np.ascontiguousarray(np.stack(rows).astype(np.float32))


def golden_of(model: Model, names: list[str], vectors: np.ndarray, scores: np.ndarray) -> dict[str, object]:
    """The file's content. Contributions are the library's own, in margin units; missing inputs are null."""
    margins = model.margins(vectors)
    contributions = model.contributions(vectors)
    return {
        "format": "veto-golden.v1",
        "expected_margin": float32_json(contributions[0, -1]),
        "rows": [
            {
                "name": names[i],
                "features": [float32_json(value) for value in vectors[i]],
                "score": float32_json(scores[i]),
                "margin": float32_json(margins[i]),
                "contributions": [float32_json(value) for value in contributions[i, :-1]],
            }
            for i in range(len(vectors))
        ],
    }


def _busiest_splits(trees: Trees) -> list[tuple[int, np.float32]]:
    """The splits that most training weight came through, at most one for each feature."""
    splits: dict[int, tuple[float, np.float32]] = {}
    for node in np.flatnonzero(trees.feature != LEAF):
        feature, cover = int(trees.feature[node]), float(trees.cover[node])
        if cover > splits.get(feature, (-1.0, None))[0]:
            splits[feature] = (cover, trees.threshold[node])
    busiest = sorted(splits.items(), key=lambda item: (-item[1][0], item[0]))
    return [(feature, threshold) for feature, (_, threshold) in busiest[:EDGE_COUNT]]
