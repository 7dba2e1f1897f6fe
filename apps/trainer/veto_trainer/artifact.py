"""Writes an artifact's folder: model.onnx, trees.json, golden.json, manifest.json, report.md."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xgboost

from .calibrate import Calibration
from .export_onnx import MARGIN_PARITY_MAX, PARITY_MAX, onnx_of, open_session, prove_parity, scores_by_onnx
from .golden import golden_of, golden_vectors
from .load import Dataset, date_of
from .numbers import float32_json
from .report import metrics_of, report_of
from .split import Slice, TimeSplit
from .train import Model
from .trees import Trees, margins_by_trees, trees_of

TYPICAL_QUANTILES = (0.1, 0.9)


@dataclass(frozen=True)
class Naming:
    """What the artifact is called and what it says about its data."""

    id: str
    data: str


@dataclass(frozen=True)
class Written:
    """What came out, for who wants to print it."""

    version: str
    metrics: dict[str, float]
    parity: dict[str, float]
    scores: np.ndarray


def write_artifact(
    directory: Path, *, naming: Naming, dataset: Dataset, split: TimeSplit, model: Model, calibration: Calibration
) -> Written:
    """Proves first that graph and trees say what the library says, over every row of the data; then writes.

    Nothing in the files depends on the day or the machine of the training: the same rows give the same bytes.
    """
    trees = trees_of(model, len(dataset.names))
    onnx = onnx_of(trees, calibration, naming.id)
    session = open_session(onnx)
    margins = model.margins(dataset.features)
    scores = scores_by_onnx(session, dataset.features)
    parity = _prove(dataset, trees, calibration, margins=margins, scores=scores)

    # The test slice is a stretch of time; the data may go on after it.
    at, tested = dataset.occurred_at_ms, split.test.rows.occurred_at_ms
    on_test = (at >= tested[0]) & (at <= tested[-1])
    metrics = metrics_of(split.test, scores[on_test])
    names, vectors = golden_vectors(trees, split.test.x, margins[on_test])
    golden = golden_of(model, names, vectors, scores_by_onnx(session, vectors))
    version = f"{date_of(split.trained_at_ms)}-{hashlib.sha256(onnx).hexdigest()[:8]}"
    title = f"{naming.id} {version}"

    directory.mkdir(parents=True, exist_ok=True)
    files = {
        "model": _write(directory / "model.onnx", onnx),
        "trees": _write(directory / "trees.json", _json(_trees_json(trees, calibration))),
        "golden": _write(directory / "golden.json", _json(golden)),
    }
    manifest = {
        "id": naming.id,
        "version": version,
        "format": "veto-model.v1",
        "files": files,
        "features": dataset.names,
        "features_hash": dataset.features_hash,
        "typical": typical_of(split.train),
        "calibration": {"method": calibration.method, "a": calibration.a, "b": calibration.b},
        "training": _training_of(naming, split, model),
        "metrics": metrics,
        "created_at": f"{date_of(split.trained_at_ms)}T00:00:00.000Z",
    }
    _write(directory / "manifest.json", json.dumps(manifest, indent=2, ensure_ascii=False).encode() + b"\n")
    report = report_of(title=title, model=model, split=split, scores=scores[on_test], metrics=metrics, parity=parity)
    _write(directory / "report.md", report.encode())
    return Written(version, metrics, parity, scores)


def typical_of(train: Slice) -> dict[str, list[float] | None]:
    """10th and 90th percentile of each feature among genuine training payments that have it; values that really occurred."""
    genuine = train.x[train.y == 0]
    typical: dict[str, list[float] | None] = {}
    for column, name in enumerate(train.rows.names):
        values = genuine[:, column]
        values = values[~np.isnan(values)]
        bounds = np.quantile(values, TYPICAL_QUANTILES, method="inverted_cdf") if len(values) > 0 else None
        typical[name] = None if bounds is None else [float32_json(bound) for bound in bounds]
    return typical


def _prove(
    dataset: Dataset, trees: Trees, calibration: Calibration, *, margins: np.ndarray, scores: np.ndarray
) -> dict[str, float]:
    """The flat trees against the library in log odds, which it sums as float32; the graph against the flat trees in scores."""
    exact = margins_by_trees(trees, dataset.features)
    probabilities = calibration.probabilities(exact)
    return {
        "log odds: trees.json against the library": prove_parity(exact, margins, MARGIN_PARITY_MAX, "trees.json and the library"),
        "score: model.onnx against trees.json": prove_parity(probabilities, scores, PARITY_MAX, "trees.json and model.onnx"),
    }


def _training_of(naming: Naming, split: TimeSplit, model: Model) -> dict[str, object]:
    first, last = split.train, split.calibration if len(split.calibration.y) > 0 else split.train
    rows = len(split.train.y) + len(split.calibration.y)
    return {
        "data": naming.data,
        "from": date_of(first.rows.occurred_at_ms[0]),
        "to": date_of(last.rows.occurred_at_ms[-1]),
        "rows": rows,
        "frauds": int(split.train.y.sum() + split.calibration.y.sum()),
        "seed": model.recipe.seed,
        "library": f"xgboost {xgboost.__version__}",
    }


def _trees_json(trees: Trees, calibration: Calibration) -> dict[str, object]:
    return {
        "format": "veto-trees.v1",
        "feature_count": trees.feature_count,
        "base_margin": trees.base_margin,
        "platt": {"a": calibration.a, "b": calibration.b},
        "roots": trees.roots.tolist(),
        "feature": trees.feature.tolist(),
        "threshold": [float32_json(value) for value in trees.threshold],
        "left": trees.left.tolist(),
        "right": trees.right.tolist(),
        "default_left": trees.default_left.tolist(),
        "cover": [float32_json(value) for value in trees.cover],
        "value": [float32_json(value) for value in trees.value],
    }


def _json(content: dict[str, object]) -> bytes:
    """One member a line, so that a reader and a diff see the parts."""
    lines = [f"{json.dumps(key)}: {json.dumps(value, separators=(',', ':'), allow_nan=False)}" for key, value in content.items()]
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()


def _write(path: Path, content: bytes) -> dict[str, str]:
    path.write_bytes(content)
    return {"path": path.name, "sha256": hashlib.sha256(content).hexdigest()}
