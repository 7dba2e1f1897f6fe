"""How good the model is on days that came after it was trained, in figures and for people."""

from __future__ import annotations

import numpy as np
from sklearn.metrics import average_precision_score, log_loss, roc_auc_score

from .load import DAY_MS, date_of
from .split import Slice, TimeSplit
from .train import Model

FALSE_POSITIVE_SHARES = {"0_1": 0.001, "0_5": 0.005, "1": 0.01}
THRESHOLDS = (0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9)
CALIBRATION_EDGES = (0.0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0)
PATTERN_FALSE_POSITIVE_SHARE = 0.005
GAIN_COUNT = 30


def metrics_of(test: Slice, scores: np.ndarray) -> dict[str, float]:
    """The figures of the manifest, on the test slice."""
    days = (test.rows.occurred_at_ms[-1] - test.rows.occurred_at_ms[0]) / DAY_MS
    figures = {
        "average_precision": float(average_precision_score(test.y, scores)),
        "auc_roc": float(roc_auc_score(test.y, scores)),
        "log_loss": float(log_loss(test.y, np.clip(scores, 1e-7, 1 - 1e-7))),
        "brier": float(np.mean((scores - test.y) ** 2)),
        "expected_frauds": float(np.sum(scores)),
        "test_frauds": float(test.y.sum()),
        "test_rows": float(len(test.y)),
        "test_days": float(round(days, 1)),
    }
    for name, share in FALSE_POSITIVE_SHARES.items():
        figures[f"recall_at_{name}_percent_fpr"] = recall_at(test.y, scores, share)
    return {name: round(value, 6) for name, value in figures.items()}


def threshold_at(y: np.ndarray, scores: np.ndarray, false_positive_share: float) -> float:
    """The lowest score from which at most this share of genuine payments lies."""
    genuine = np.sort(scores[y == 0])[::-1]
    allowed = int(len(genuine) * false_positive_share)
    return float(np.nextafter(genuine[allowed], np.inf)) if allowed < len(genuine) else 0.0


def recall_at(y: np.ndarray, scores: np.ndarray, false_positive_share: float) -> float:
    """The share of frauds at or above the threshold of a false positive share."""
    return float(np.mean(scores[y == 1] >= threshold_at(y, scores, false_positive_share)))


def report_of(
    *, title: str, model: Model, split: TimeSplit, scores: np.ndarray, metrics: dict[str, float], parity: dict[str, float]
) -> str:
    """report.md."""
    test = split.test
    parts = [
        f"# {title}\n",
        _intro(split),
        "## Figures on the test slice\n",
        _table(["figure", "value"], [[name, f"{value:g}"] for name, value in metrics.items()]),
        "## Precision and recall by threshold\n",
        _thresholds(test, scores),
        "## Calibration\n",
        "Mean score against the share that was fraud; `n` says how far to believe the row.\n",
        _calibration(test, scores),
        *_patterns(test, scores),
        "## Gain of the features\n",
        f"The {GAIN_COUNT} with most, as shares of the whole.\n",
        _gains(model, test.rows.names),
        "## How it was made\n",
        _making(model, parity),
    ]
    return "\n".join(parts)


def _intro(split: TimeSplit) -> str:
    lines = []
    for name, part in (("training", split.train), ("calibration", split.calibration), ("test", split.test)):
        if len(part.y) == 0:
            continue
        at = part.rows.occurred_at_ms
        lines.append([name, date_of(at[0]), date_of(at[-1]), f"{len(part.y)}", f"{int(part.y.sum())}"])
    table = _table(["slice", "from", "to", "rows", "frauds"], lines)
    as_of = (
        f"Trained with what was known at the start of {date_of(split.trained_at_ms)}: a label reported later was not there. "
        "Frauds of the training slice are the reported ones; those of the test slice are all there were.\n"
    )
    warning = (
        "Figures on simulated payments do not carry over: on real card data published models reach an average "
        "precision of about a tenth. They serve to compare one training with the next.\n"
    )
    return "\n".join([as_of, warning, table])


def _thresholds(test: Slice, scores: np.ndarray) -> str:
    rows = []
    for threshold in THRESHOLDS:
        above = scores >= threshold
        caught = int(test.y[above].sum())
        precision = f"{caught / above.sum():.3f}" if above.any() else "–"
        false_positives = np.mean(above[test.y == 0]) * 100
        rows.append([f"{threshold:g}", f"{int(above.sum())}", precision, f"{caught / test.y.sum():.3f}", f"{false_positives:.3f} %"])
    return _table(["score from", "payments", "precision", "recall", "genuine above"], rows)


def _calibration(test: Slice, scores: np.ndarray) -> str:
    rows = []
    for low, high in zip(CALIBRATION_EDGES, CALIBRATION_EDGES[1:], strict=False):
        inside = (scores >= low) & ((scores < high) | (high == 1.0))
        if inside.any():
            rows.append([f"{low:g} – {high:g}", f"{int(inside.sum())}", f"{scores[inside].mean():.4f}", f"{test.y[inside].mean():.4f}"])
    return _table(["score", "n", "mean score", "fraud share"], rows)


def _patterns(test: Slice, scores: np.ndarray) -> list[str]:
    names = sorted(set(test.rows.pattern.tolist()) - {""})
    if not names:
        return []
    threshold = threshold_at(test.y, scores, PATTERN_FALSE_POSITIVE_SHARE)
    rows = []
    for name in names:
        of_it = scores[test.rows.pattern == name]
        rows.append([name, f"{len(of_it)}", f"{np.mean(of_it >= threshold):.3f}", f"{np.median(of_it):.4f}"])
    share = f"{PATTERN_FALSE_POSITIVE_SHARE * 100:g}"
    heading = ["## Recall by fraud pattern\n", f"At the score that {share} % of genuine payments reach.\n"]
    return [*heading, _table(["pattern", "n", "recall", "median score"], rows)]


def _gains(model: Model, names: list[str]) -> str:
    gains = model.booster.get_score(importance_type="total_gain")
    whole = sum(gains.values())
    largest = sorted(((gain, names[int(key[1:])]) for key, gain in gains.items()), key=lambda item: (-item[0], item[1]))
    used = f"{len(gains)} of {len(names)} features are used.\n\n"
    return used + _table(["feature", "gain"], [[name, f"{gain / whole:.4f}"] for gain, name in largest[:GAIN_COUNT]])


def _making(model: Model, parity: dict[str, float]) -> str:
    recipe = ", ".join(f"{name} {value}" for name, value in model.recipe.__dict__.items())
    lines = [f"Recipe: {recipe}.\n"]
    if len(model.searched) > 1:
        rows = [[str(i), f"{found['average_precision']:.4f}", _short(found["recipe"])] for i, found in enumerate(model.searched)]
        lines += [
            "Candidates, by average precision on the last fifth of the training time:\n",
            _table(["#", "average precision", "recipe"], rows),
        ]
    rows = [[name, f"{value:.2e}"] for name, value in parity.items()]
    lines += ["Largest differences over all rows:\n", _table(["compared", "difference"], rows)]
    return "\n".join(lines)


def _short(recipe: object) -> str:
    return ", ".join(f"{name} {value}" for name, value in recipe.__dict__.items() if name not in ("seed", "monotone"))


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [" | ".join(head), " | ".join("---" for _ in head), *(" | ".join(row) for row in rows)]
    return "\n".join(f"| {line} |" for line in lines) + "\n"
