"""The three commands: their options in, an artifact or a matrix out, and a few lines for the person who waits."""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import numpy as np

from .artifact import Naming, Written, write_artifact
from .calibrate import UNCALIBRATED, fit_platt
from .handbook import HANDBOOK_RECIPES, split_handbook
from .load import DAY_MS, Dataset, load_dataset, start_of_day_ms
from .split import TimeSplit, split_by_time
from .synthetic import write_synthetic
from .train import Model, Recipe, train_model


def run_train(options: argparse.Namespace) -> None:
    """Exported traffic → calibrated artifact."""
    dataset = _between(load_dataset(options.data), options.from_date, options.to_date)
    split = split_by_time(
        dataset,
        test_days=options.test_days,
        maturity_days=options.maturity_days,
        calibration_share=options.calibration_share,
        audited=options.calibrate_on == "audited",
    )
    _say_split(split)
    model = train_model(split.train, [Recipe(tree_count=options.trees, seed=options.seed)])
    calibration = fit_platt(model.margins(split.calibration.x), split.calibration.y)
    naming = Naming(options.id, options.data_name)
    written = write_artifact(options.out, naming=naming, dataset=dataset, split=split, model=model, calibration=calibration)
    _say_written(written, model, options.out)


def run_handbook(options: argparse.Namespace) -> None:
    """The Handbook's data → artifact, and `scores.csv` for every row after the training."""
    dataset = load_dataset(options.data)
    split = split_handbook(dataset, train_to=options.train_to, delay_days=options.delay_days, test_days=options.test_days)
    _say_split(split)
    recipes = [Recipe(**{**recipe.__dict__, "seed": options.seed}) for recipe in HANDBOOK_RECIPES]
    model = train_model(split.train, recipes)
    naming = Naming("handbook-gbt", "Fraud Detection Handbook, simulated card transactions of 2018")
    written = write_artifact(options.out, naming=naming, dataset=dataset, split=split, model=model, calibration=UNCALIBRATED)
    _write_scores(options.out / "scores.csv", dataset, written.scores, from_ms=start_of_day_ms(options.train_to) + DAY_MS)
    _say_written(written, model, options.out)


def run_synthetic(options: argparse.Namespace) -> None:
    """A made-up matrix, for tests."""
    write_synthetic(options.out, seed=options.seed, row_count=options.rows, days=options.days)


def _between(dataset: Dataset, from_date: str | None, to_date: str | None) -> Dataset:
    keep = np.ones(len(dataset), dtype=bool)
    if from_date is not None:
        keep &= dataset.occurred_at_ms >= start_of_day_ms(from_date)
    if to_date is not None:
        keep &= dataset.occurred_at_ms < start_of_day_ms(to_date) + DAY_MS
    return dataset.take(keep)


def _write_scores(path: Path, dataset: Dataset, scores: np.ndarray, *, from_ms: int) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["transaction_id", "score"])
        for i in np.flatnonzero(dataset.occurred_at_ms >= from_ms):
            writer.writerow([dataset.ids[i], f"{scores[i]:.9g}"])


def _say_split(split: TimeSplit) -> None:
    for name, part in (("train", split.train), ("calibration", split.calibration), ("test", split.test)):
        if len(part.y) > 0:
            print(f"{name:12} {len(part.y):>8} rows, {int(part.y.sum()):>6} frauds")


def _say_written(written: Written, model: Model, out: Path) -> None:
    print(f"{model.recipe.tree_count} trees of depth {model.recipe.depth}")
    for name, value in {**written.metrics, **written.parity}.items():
        print(f"{name:44} {value:g}")
    print(f"{written.version} written to {out}")
