"""float32 numbers as JSON: short, and the same number again when read."""

from __future__ import annotations

import numpy as np


def float32_json(value: np.float32 | float) -> float | int | None:
    """The shortest decimal that is this float32 again, also when a reader takes it for a double first; None for NaN."""
    if np.isnan(value):
        return None
    single = np.float32(value)
    short = float(str(single))
    if np.float32(short) != single:
        short = float(single)
    return int(short) if short.is_integer() and abs(short) < 2**53 else short
