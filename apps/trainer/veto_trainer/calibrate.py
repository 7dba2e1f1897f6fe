"""Platt's calibration: p = sigmoid(a · margin + b), fitted on rows that come after those the trees grew on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# With fewer frauds than this, two parameters say more about chance than about the model.
FRAUD_COUNT_MIN = 25


@dataclass(frozen=True)
class Calibration:
    """a > 0, so that the order of the scores stays that of the margins."""

    method: str
    a: float
    b: float

    def probabilities(self, margins: np.ndarray) -> np.ndarray:
        """float64 [N] in [0, 1]."""
        return 1.0 / (1.0 + np.exp(-(self.a * margins.astype(np.float64) + self.b)))


UNCALIBRATED = Calibration("none", 1.0, 0.0)


def fit_platt(margins: np.ndarray, y: np.ndarray) -> Calibration:
    """Newton's method on the log loss with Platt's smoothed targets: no chance, and some ten steps.

    The parameters are rounded to float32, which is what the graph holds.
    """
    frauds = int(y.sum())
    if frauds < FRAUD_COUNT_MIN or len(y) - frauds < FRAUD_COUNT_MIN:
        return UNCALIBRATED
    target = np.where(y == 1, (frauds + 1.0) / (frauds + 2.0), 1.0 / (len(y) - frauds + 2.0))
    m = margins.astype(np.float64)
    a, b = 1.0, 0.0
    for _ in range(50):
        p = 1.0 / (1.0 + np.exp(-(a * m + b)))
        gradient = np.array([np.sum((p - target) * m), np.sum(p - target)])
        w = p * (1.0 - p)
        hessian = np.array([[np.sum(w * m * m), np.sum(w * m)], [np.sum(w * m), np.sum(w)]]) + np.eye(2) * 1e-9
        step = np.linalg.solve(hessian, gradient)
        a, b = a - step[0], b - step[1]
        if np.abs(step).max() < 1e-10:
            break
    if not (np.isfinite(a) and np.isfinite(b) and a > 0):
        raise ValueError(f"calibration would turn the ranking around: a = {a}, b = {b}; the trees learned nothing that lasts")
    return Calibration("platt", float(np.float32(a)), float(np.float32(b)))
