"""Reads what the exporter wrote: the matrix, a line for each of its rows, and the feature set it was made with."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

import numpy as np

DAY_MS = 86_400_000

ROW_COLUMNS = ["transaction_id", "occurred_at_ms", "amount_base_minor", "label", "label_known_at_ms", "pattern"]

UNKNOWN = -1


class BadInput(Exception):
    """The input is not what the exporter writes; the message names the file, the place and the value seen."""


@dataclass(frozen=True)
class Dataset:
    """Decided transactions in time order.

    features            float32 [N, F]; NaN is a missing value, never infinite
    ids                 the merchants' transaction ids
    occurred_at_ms      int64 [N], ascending
    amounts             float64 [N], cents of the base currency
    label               int8 [N]; 1 fraud, 0 genuine, -1 nobody ever said
    label_known_at_ms   int64 [N]; 0 where the label is -1
    pattern             how the fraud was done, where a simulator knows it; else ''
    """

    features: np.ndarray
    ids: list[str]
    occurred_at_ms: np.ndarray
    amounts: np.ndarray
    label: np.ndarray
    label_known_at_ms: np.ndarray
    pattern: np.ndarray
    names: list[str]
    features_hash: str

    def __len__(self) -> int:
        return len(self.ids)

    def take(self, rows: np.ndarray) -> "Dataset":
        """The rows at these positions, or where this mask is true, in their order."""
        at = np.flatnonzero(rows) if rows.dtype == bool else rows
        return Dataset(
            self.features[at],
            [self.ids[i] for i in at],
            self.occurred_at_ms[at],
            self.amounts[at],
            self.label[at],
            self.label_known_at_ms[at],
            self.pattern[at],
            self.names,
            self.features_hash,
        )


def load_dataset(directory: Path) -> Dataset:
    """The exported directory as one data set, sorted by time where the exporter's order is another."""
    names, features_hash = _load_feature_set(directory / "feature-set.json")
    features = _load_matrix(directory / "features.npy", names)
    rows = _load_rows(directory / "rows.csv")
    if len(rows["ids"]) != len(features):
        raise BadInput(f"rows.csv has {len(rows['ids'])} rows, features.npy has {len(features)}")
    dataset = Dataset(features=features, names=names, features_hash=features_hash, **rows)
    if np.all(np.diff(dataset.occurred_at_ms) >= 0):
        return dataset
    return dataset.take(np.argsort(dataset.occurred_at_ms, kind="stable"))


def date_of(at_ms: int) -> str:
    """The day of a time, UTC, as YYYY-MM-DD."""
    return datetime.fromtimestamp(int(at_ms) / 1000, tz=timezone.utc).strftime("%Y-%m-%d")


def start_of_day_ms(date: str) -> int:
    """The first millisecond of a day given as YYYY-MM-DD, UTC."""
    return int(datetime.strptime(date, "%Y-%m-%d").replace(tzinfo=timezone.utc).timestamp()) * 1000


def _load_feature_set(path: Path) -> tuple[list[str], str]:
    declared = json.loads(_existing(path).read_text(encoding="utf-8"))
    names = [definition["name"] for definition in declared["definitions"]]
    if len(set(names)) != len(names):
        raise BadInput(f"{path.name} declares a feature twice")
    return names, declared["hash"]


def _load_matrix(path: Path, names: list[str]) -> np.ndarray:
    features = np.load(_existing(path), allow_pickle=False)
    if features.dtype != np.float32 or features.ndim != 2:
        raise BadInput(f"{path.name}: expected float32 [N, F], got {features.dtype} {list(features.shape)}")
    if features.shape[1] != len(names):
        raise BadInput(f"{path.name} has {features.shape[1]} columns, feature-set.json declares {len(names)}")
    infinite = np.argwhere(np.isinf(features))
    if len(infinite) > 0:
        row, column = infinite[0]
        raise BadInput(f"{path.name}: {names[column]} is infinite in row {row}")
    return features


def _load_rows(path: Path) -> dict[str, object]:
    ids: list[str] = []
    numbers: list[tuple[int, float, int, int]] = []
    pattern: list[str] = []
    with _existing(path).open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        header = next(reader, [])
        if header != ROW_COLUMNS:
            raise BadInput(f"{path.name}: expected the columns {','.join(ROW_COLUMNS)}, got {','.join(header)}")
        for row in reader:
            ids.append(row[0])
            label = UNKNOWN if row[3] == "" else int(row[3])
            numbers.append((int(row[1]), float(row[2]), label, int(row[4]) if row[4] else 0))
            pattern.append(row[5])
    columns = list(zip(*numbers, strict=True)) if numbers else [(), (), (), ()]
    labels = np.array(columns[2], dtype=np.int8)
    if not np.isin(labels, (0, 1, UNKNOWN)).all():
        raise BadInput(f"{path.name}: a label is 0, 1 or empty, got {labels.max()}")
    return {
        "ids": ids,
        "occurred_at_ms": np.array(columns[0], dtype=np.int64),
        "amounts": np.array(columns[1], dtype=np.float64),
        "label": labels,
        "label_known_at_ms": np.array(columns[3], dtype=np.int64),
        "pattern": np.array(pattern, dtype=str),
    }


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise BadInput(f"{path} is missing; the exporter writes features.npy, rows.csv and feature-set.json")
    return path
