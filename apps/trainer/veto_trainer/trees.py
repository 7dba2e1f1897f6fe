"""The trees as flat arrays: what both the ONNX graph and the explanations are written from."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np

from .train import Model

LEAF = -1


@dataclass(frozen=True)
class Trees:
    """Nodes of all trees in one row; a node's children are positions in that row, LEAF at a leaf.

    A row goes left where value < threshold, and where the value is missing and `default_left` is 1.
    `cover` is the weight (sum of hessians) of the training rows that came through a node.
    """

    base_margin: float
    feature_count: int
    roots: np.ndarray
    feature: np.ndarray
    threshold: np.ndarray
    left: np.ndarray
    right: np.ndarray
    default_left: np.ndarray
    cover: np.ndarray
    value: np.ndarray

    @property
    def tree_count(self) -> int:
        return len(self.roots)

    @property
    def node_count(self) -> int:
        return len(self.feature)


def trees_of(model: Model, feature_count: int) -> Trees:
    """Reads the library's own dump; every number in it is a float32 and stays the same number."""
    dump = json.loads(model.booster.save_raw(raw_format="json"))
    parts: list[dict[str, np.ndarray]] = []
    roots: list[int] = []
    start = 0
    for tree in dump["learner"]["gradient_booster"]["model"]["trees"]:
        part = _nodes_of(tree, start)
        roots.append(start)
        parts.append(part)
        start += len(part["feature"])
    joined = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return Trees(base_margin=model.base_margin, feature_count=feature_count, roots=np.array(roots), **joined)


def _nodes_of(tree: dict[str, object], start: int) -> dict[str, np.ndarray]:
    if any(tree["split_type"]):
        raise ValueError("a tree splits on categories; features are numbers")
    left = np.array(tree["left_children"], dtype=np.int64)
    right = np.array(tree["right_children"], dtype=np.int64)
    # The library keeps a leaf's value in the field that holds the threshold of an inner node.
    condition = np.array(tree["split_conditions"], dtype=np.float32)
    leaf = left == LEAF
    return {
        "feature": np.where(leaf, LEAF, np.array(tree["split_indices"], dtype=np.int64)),
        "threshold": np.where(leaf, np.float32(0), condition),
        "left": np.where(leaf, LEAF, left + start),
        "right": np.where(leaf, LEAF, right + start),
        "default_left": np.where(leaf, 0, np.array(tree["default_left"], dtype=np.int64)),
        "cover": np.array(tree["sum_hessian"], dtype=np.float32),
        "value": np.where(leaf, condition, np.float32(0)),
    }


def margins_by_trees(trees: Trees, features: np.ndarray) -> np.ndarray:
    """float64 [N]: each row walked down each tree, by the arrays alone. The obvious way, to check the others against."""
    rows = np.arange(len(features))
    total = np.full(len(features), trees.base_margin, dtype=np.float64)
    for root in trees.roots:
        node = np.full(len(features), root, dtype=np.int64)
        inner = trees.feature[node] != LEAF
        while inner.any():
            value = features[rows, np.where(inner, trees.feature[node], 0)]
            goes_left = np.where(np.isnan(value), trees.default_left[node] == 1, value < trees.threshold[node])
            node = np.where(inner, np.where(goes_left, trees.left[node], trees.right[node]), node)
            inner = trees.feature[node] != LEAF
        total += trees.value[node]
    return total
