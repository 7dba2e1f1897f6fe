"""What may be known when: a model is trained with the labels of its day, and judged by the truth."""

import unittest

import numpy as np

from veto_trainer.load import DAY_MS, BadInput, Dataset
from veto_trainer.split import split_by_time, truth, verdicts_as_of


def a_dataset(rows: list[tuple[float, int, float, int]]) -> Dataset:
    """Rows of (day, label, day on which it was known, truth)."""
    days, labels, known, true = (np.array(column) for column in zip(*rows))
    return Dataset(
        features=np.zeros((len(rows), 1), dtype=np.float32),
        ids=[f"t_{i}" for i in range(len(rows))],
        occurred_at_ms=(days * DAY_MS).astype(np.int64),
        amounts=np.ones(len(rows)),
        label=labels.astype(np.int8),
        label_known_at_ms=(known * DAY_MS).astype(np.int64),
        truth=true.astype(np.int8),
        pattern=np.array([""] * len(rows)),
        names=["amount"],
        features_hash="sha256:" + "0" * 64,
    )


class VerdictsAsOfADay(unittest.TestCase):
    def test_a_label_counts_from_the_moment_it_is_known(self) -> None:
        rows = a_dataset([(1, 1, 20, 1)])
        self.assertEqual(verdicts_as_of(rows, 20 * DAY_MS - 1, 30 * DAY_MS).tolist(), [-1])
        self.assertEqual(verdicts_as_of(rows, 20 * DAY_MS, 30 * DAY_MS).tolist(), [1])

    def test_silence_is_genuine_once_it_is_ripe(self) -> None:
        rows = a_dataset([(1, -1, 0, 1)])
        self.assertEqual(verdicts_as_of(rows, 31 * DAY_MS - 1, 30 * DAY_MS).tolist(), [-1])
        self.assertEqual(verdicts_as_of(rows, 31 * DAY_MS, 30 * DAY_MS).tolist(), [0])

    def test_fraud_reported_after_it_was_ripe_has_been_taken_for_genuine(self) -> None:
        rows = a_dataset([(1, 1, 50, 1)])
        self.assertEqual(verdicts_as_of(rows, 40 * DAY_MS, 30 * DAY_MS).tolist(), [0])


class TheTruth(unittest.TestCase):
    def test_is_the_data_sets_word_before_the_label_before_silence(self) -> None:
        rows = a_dataset([(1, -1, 0, 1), (1, 1, 2, 0), (1, 1, 2, -1), (1, 0, 2, -1), (1, -1, 0, -1)])
        self.assertEqual(truth(rows).tolist(), [1, 0, 1, 0, 0])


class ASplitByTime(unittest.TestCase):
    def setUp(self) -> None:
        # Day 0, 0.5, 1 …: every fourth a fraud that is known 5 days later.
        self.rows = a_dataset([(i / 2, 1 if i % 4 == 0 else -1, i / 2 + 5, int(i % 4 == 0)) for i in range(200)])
        self.split = split_by_time(self.rows, test_days=20, maturity_days=30, calibration_share=0.25)

    def test_trains_before_it_calibrates_before_it_tests(self) -> None:
        ends = [part.rows.occurred_at_ms[[0, -1]] for part in (self.split.train, self.split.calibration, self.split.test)]
        self.assertLess(ends[0][1], ends[1][0])
        self.assertLess(ends[1][1], ends[2][0])

    def test_leaves_out_what_was_not_ripe_on_the_day_of_training(self) -> None:
        ripe_until = self.split.trained_at_ms - 30 * DAY_MS
        self.assertLess(self.split.calibration.rows.occurred_at_ms[-1], ripe_until)
        self.assertGreaterEqual(self.split.test.rows.occurred_at_ms[0], self.split.trained_at_ms)

    def test_calibrates_on_what_an_audit_finds_where_there_was_one(self) -> None:
        # Nobody reports; every fourth payment is fraud all the same, but for the training slice to have both kinds.
        rows = a_dataset([(i / 2, 1 if i == 4 else -1, 5, int(i % 4 == 0)) for i in range(200)])
        with self.assertRaisesRegex(BadInput, "the calibration slice .* 0 frauds"):
            split_by_time(rows, test_days=20, maturity_days=30, calibration_share=0.25)
        audited = split_by_time(rows, test_days=20, maturity_days=30, calibration_share=0.25, audited=True)
        self.assertEqual(int(audited.train.y.sum()), 1)
        self.assertEqual(int(audited.calibration.y.sum()), int((audited.calibration.rows.truth == 1).sum()))
        self.assertGreater(int(audited.calibration.y.sum()), 0)

    def test_refuses_data_that_are_too_short(self) -> None:
        with self.assertRaisesRegex(BadInput, "100 days are too few for 80 of test after 30"):
            split_by_time(self.rows, test_days=80, maturity_days=30, calibration_share=0.25)


if __name__ == "__main__":
    unittest.main()
