"""The Fraud Detection Handbook's protocol: everything up to a day trains, a week of labels ripens, four weeks judge."""

from __future__ import annotations

import numpy as np

from .load import DAY_MS, BadInput, Dataset, start_of_day_ms
from .split import Slice, TimeSplit, truth, verdicts_as_of
from .train import Recipe

# Slow steps and heavy leaves; the number of trees is chosen on the last fifth of the training time. The test weeks
# choose nothing.
HANDBOOK_RECIPES = [
    Recipe(eta=0.05, depth=5, tree_count=400, min_child_weight=20.0, l2=20.0, column_share=0.7, monotone=False),
]


def split_handbook(dataset: Dataset, *, train_to: str, delay_days: int, test_days: int) -> TimeSplit:
    """Training on the labels known when the test begins; the rest of the book's rules (cards left out) is its ruler's."""
    train_until_ms = start_of_day_ms(train_to) + DAY_MS
    test_from_ms = train_until_ms + delay_days * DAY_MS
    at = dataset.occurred_at_ms
    seen = verdicts_as_of(dataset, test_from_ms, delay_days * DAY_MS)
    train = (at < train_until_ms) & (seen >= 0)
    test = (at >= test_from_ms) & (at < test_from_ms + test_days * DAY_MS)
    if not train.any() or not test.any():
        raise BadInput(f"no rows up to {train_to} or none in the {test_days} days that start {delay_days} days after it")
    none = np.zeros(len(dataset), dtype=bool)
    y = truth(dataset)
    return TimeSplit(
        train=Slice(dataset.take(train), seen[train]),
        calibration=Slice(dataset.take(none), y[none]),
        test=Slice(dataset.take(test), y[test]),
        trained_at_ms=test_from_ms,
    )
