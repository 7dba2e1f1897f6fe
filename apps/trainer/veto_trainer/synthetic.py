"""Made-up matrices in the exporter's format: for this package's tests and for the tiny artifact that the scorer's tests load.

The columns mean nothing; they are drawn so that some carry signal, some are noise and some are often missing.
"""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path

import numpy as np

from .load import DAY_MS, ROW_COLUMNS, start_of_day_ms

NAMES = [
    "amount",
    "card_count_10m",
    "card_fraud_count_30d",
    "customer_amount_ratio_30d",
    "device_card_distinct_7d",
    "is_night",
    "ip_country_mismatch",
    "noise",
]

START = "2026-01-01"


def write_synthetic(directory: Path, *, seed: int, row_count: int, days: int) -> None:
    """A directory as the exporter writes it. The same arguments give the same bytes."""
    chance = np.random.Generator(np.random.PCG64(seed))
    features = _features(chance, row_count)
    fraud = _fraud(chance, features)
    occurred = start_of_day_ms(START) + np.sort(chance.integers(0, days * DAY_MS, row_count))
    delay = np.rint(chance.lognormal(np.log(4.0), 0.6, row_count) * DAY_MS).astype(np.int64)
    reported = fraud & (chance.random(row_count) < 0.95)
    directory.mkdir(parents=True, exist_ok=True)
    np.save(directory / "features.npy", features)
    _write_feature_set(directory / "feature-set.json")
    with (directory / "rows.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(ROW_COLUMNS)
        for i in range(row_count):
            label = ["1", str(occurred[i] + delay[i])] if reported[i] else ["", ""]
            amount = round(float(features[i, 0]) * 100)
            writer.writerow([f"t_{i}", occurred[i], amount, *label, int(fraud[i]), "made_up" if fraud[i] else ""])


def _features(chance: np.random.Generator, n: int) -> np.ndarray:
    columns = [
        np.round(chance.lognormal(3.5, 1.0, n), 2),
        chance.poisson(0.3, n),
        np.where(chance.random(n) < 0.03, chance.integers(1, 4, n), 0),
        np.where(chance.random(n) < 0.25, np.nan, chance.lognormal(0.0, 0.8, n)),
        1 + chance.poisson(0.2, n),
        chance.random(n) < 0.2,
        np.where(chance.random(n) < 0.5, np.nan, chance.random(n) < 0.05),
        chance.normal(0.0, 1.0, n),
    ]
    return np.ascontiguousarray(np.column_stack(columns).astype(np.float32))


def _fraud(chance: np.random.Generator, features: np.ndarray) -> np.ndarray:
    amount, count, known, ratio, cards, night, mismatch, _ = np.nan_to_num(features.astype(np.float64), nan=0.0).T
    margin = -6.0 + 0.9 * count + 1.8 * known + 0.5 * ratio + 0.8 * (cards - 1) + 0.7 * night + 2.0 * mismatch
    margin += 1.5 * (amount > 220)
    return chance.random(len(features)) < 1.0 / (1.0 + np.exp(-margin))


def _write_feature_set(path: Path) -> None:
    definitions = [
        {
            "name": name,
            "description": f"Made up: {name}",
            "unit": "none",
            "windowMs": None,
            "range": [None, None],
            "missing": "drawn by chance",
            "entity": None,
            "derivesFrom": [],
        }
        for name in NAMES
    ]
    text = json.dumps(definitions, separators=(",", ":"), sort_keys=True)
    declared = {"hash": f"sha256:{hashlib.sha256(text.encode()).hexdigest()}", "definitions": definitions}
    path.write_text(json.dumps(declared, indent=1) + "\n", encoding="utf-8")
