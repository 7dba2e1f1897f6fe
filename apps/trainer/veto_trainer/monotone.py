"""Directions that a fraud team would not let a model get wrong: more known fraud never makes a payment look safer."""

from __future__ import annotations

import re

# First match wins. +1: the score never falls as the feature grows. -1: it never rises.
DIRECTIONS = [
    (re.compile(r"_fraud_(count|share)_"), 1),
    (re.compile(r"^(avs|cvv)_mismatch$"), 1),
    (re.compile(r"^email_is_disposable$"), 1),
]


def direction_of(name: str) -> int:
    """+1, -1, or 0 where the data alone decide."""
    return next((direction for pattern, direction in DIRECTIONS if pattern.search(name)), 0)


def constraints_of(names: list[str]) -> tuple[int, ...]:
    """The direction of each feature, in the model's input order."""
    return tuple(direction_of(name) for name in names)
