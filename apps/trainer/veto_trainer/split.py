"""Which rows a model may learn from, as of the day on which it is trained, and which it is judged by."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .load import DAY_MS, BadInput, Dataset, date_of


@dataclass(frozen=True)
class Slice:
    """Rows and what is said about them: `y` is 1 for fraud, 0 for genuine."""

    rows: Dataset
    y: np.ndarray

    @property
    def x(self) -> np.ndarray:
        return self.rows.features


@dataclass(frozen=True)
class TimeSplit:
    """Train, then calibration, then a gap in which labels ripen, then test; never the other way round in time."""

    train: Slice
    calibration: Slice
    test: Slice
    trained_at_ms: int


def verdicts_as_of(dataset: Dataset, now_ms: int, maturity_ms: int) -> np.ndarray:
    """What was known at a moment: 1 fraud, 0 genuine, -1 not known yet.

    A payment of which nothing was heard counts as genuine once it is `maturity_ms` old; before that it is unknown.
    Fraud that is reported later than that has been taken for genuine, as it is in life.
    """
    known = (dataset.label >= 0) & (dataset.label_known_at_ms <= now_ms)
    ripe = dataset.occurred_at_ms <= now_ms - maturity_ms
    return np.where(known, dataset.label, np.where(ripe, 0, -1)).astype(np.int8)


def truth(dataset: Dataset) -> np.ndarray:
    """What really was, for judging a model: the data set's own word where it has one, else the label; silence is genuine."""
    return np.where(dataset.truth >= 0, dataset.truth, dataset.label == 1).astype(np.int8)


def split_by_time(
    dataset: Dataset, *, test_days: float, maturity_days: float, calibration_share: float, audited: bool = False
) -> TimeSplit:
    """Cuts the data as a team would that trains on the day when the test slice begins.

    Rows younger than `maturity_days` on that day are left out altogether: of them only the frauds would have a label,
    and a model that sees only those learns the wrong rate.

    With `audited`, the calibration slice is taken as audited before the training: its verdicts are the truth and not
    only what was reported. Ranking learns from reports either way; the level of the scores, two numbers, from the audit.
    """
    trained_at_ms = int(dataset.occurred_at_ms[-1]) + 1 - int(test_days * DAY_MS)
    ripe_until_ms = trained_at_ms - int(maturity_days * DAY_MS)
    first_ms = int(dataset.occurred_at_ms[0])
    if ripe_until_ms <= first_ms:
        days = (int(dataset.occurred_at_ms[-1]) - first_ms) / DAY_MS
        raise BadInput(f"{days:.0f} days are too few for {test_days:g} of test after {maturity_days:g} in which labels ripen")
    calibration_from_ms = ripe_until_ms - int((ripe_until_ms - first_ms) * calibration_share)
    seen = verdicts_as_of(dataset, trained_at_ms, int(maturity_days * DAY_MS))
    at = dataset.occurred_at_ms
    calibrating = (at >= calibration_from_ms) & (at < ripe_until_ms) & (seen >= 0)
    return TimeSplit(
        train=_slice(dataset, (at < calibration_from_ms) & (seen >= 0), seen, "training"),
        calibration=_slice(dataset, calibrating, truth(dataset) if audited else seen, "calibration"),
        test=_slice(dataset, at >= trained_at_ms, truth(dataset), "test"),
        trained_at_ms=trained_at_ms,
    )


def split_head(whole: Slice, share: float) -> tuple[Slice, Slice]:
    """The earlier `share` of the time that a slice spans, and the rest."""
    at = whole.rows.occurred_at_ms
    cut_ms = at[0] + (at[-1] - at[0]) * share
    earlier = at < cut_ms
    return Slice(whole.rows.take(earlier), whole.y[earlier]), Slice(whole.rows.take(~earlier), whole.y[~earlier])


def _slice(dataset: Dataset, rows: np.ndarray, y: np.ndarray, name: str) -> Slice:
    taken = Slice(dataset.take(rows), y[rows])
    frauds = int(taken.y.sum())
    if frauds == 0 or frauds == len(taken.y):
        days = f"{date_of(dataset.occurred_at_ms[0])} … {date_of(dataset.occurred_at_ms[-1])}"
        raise BadInput(f"the {name} slice of {days} has {len(taken.y)} rows and {frauds} frauds; it needs both kinds")
    return taken
