"""Reads what the exporter wrote: the matrix, a line for each of its rows, and the feature set it was made with."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

import numpy as np

DAY_MS = 86_400_000

ROW_COLUMNS = ["transaction_id", "occurred_at_ms", "amount_base_minor", "label", "label_known_at_ms", "truth", "pattern"]

# Of a label or a truth: nobody said.
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
    truth               int8 [N]; what the data set itself knows, -1 where it does not say; judges, never trains
    pattern             how the fraud was done, where a simulator knows it; else ''
    """

    features: np.ndarray
    ids: list[str]
    occurred_at_ms: np.ndarray
    amounts: np.ndarray
    label: np.ndarray
    label_known_at_ms: np.ndarray
    truth: np.ndarray
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
            self.truth[at],
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
    numbers: list[tuple[int, float, int, int, int]] = []
    pattern: list[str] = []
    with _existing(path).open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        header = next(reader, [])
        if header != ROW_COLUMNS:
            raise BadInput(f"{path.name}: expected the columns {','.join(ROW_COLUMNS)}, got {','.join(header)}")
        for row in reader:
            ids.append(row[0])
            known_at_ms = int(row[4]) if row[4] else 0
            numbers.append((int(row[1]), float(row[2]), _verdict(row[3]), known_at_ms, _verdict(row[5])))
            pattern.append(row[6])
    occurred, amounts, labels, known, truth = zip(*numbers, strict=True) if numbers else [()] * 5
    return {
        "ids": ids,
        "occurred_at_ms": np.array(occurred, dtype=np.int64),
        "amounts": np.array(amounts, dtype=np.float64),
        "label": np.array(labels, dtype=np.int8),
        "label_known_at_ms": np.array(known, dtype=np.int64),
        "truth": np.array(truth, dtype=np.int8),
        "pattern": np.array(pattern, dtype=str),
    }


def _verdict(text: str) -> int:
    if text not in ("", "0", "1"):
        raise BadInput(f"rows.csv: a label or truth is 0, 1 or empty, got {text}")
    return UNKNOWN if text == "" else int(text)


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise BadInput(f"{path} is missing; the exporter writes features.npy, rows.csv and feature-set.json")
    return path
