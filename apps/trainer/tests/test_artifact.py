"""One training on made-up rows, end to end: the files, their proofs, and that the same rows give the same bytes."""

import hashlib
import json
import tempfile
import unittest
from pathlib import Path

import numpy as np

from veto_trainer.__main__ import main
from veto_trainer.calibrate import UNCALIBRATED, fit_platt
from veto_trainer.export_onnx import onnx_of, open_session, prove_parity, scores_by_onnx
from veto_trainer.load import load_dataset
from veto_trainer.monotone import direction_of
from veto_trainer.numbers import float32_json
from veto_trainer.report import recall_at
from veto_trainer.split import split_by_time
from veto_trainer.train import Recipe, grow
from veto_trainer.trees import margins_by_trees, trees_of

FILES = ["golden.json", "manifest.json", "model.onnx", "report.md", "trees.json"]


class ATraining(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.root = Path(folder.name)
        cls.data = cls.root / "data"
        main(["synthetic", "--out", str(cls.data), "--rows", "20000", "--days", "60"])
        for name in ("first", "second"):
            cls.train(cls.root / name)
        cls.first = cls.root / "first"
        cls.manifest = json.loads((cls.first / "manifest.json").read_text())
        cls.golden = json.loads((cls.first / "golden.json").read_text())

    @classmethod
    def train(cls, out: Path) -> None:
        options = ["--test-days", "10", "--maturity-days", "14", "--trees", "20"]
        main(["train", "--data", str(cls.data), "--out", str(out), *options])

    def test_writes_the_same_bytes_each_time(self) -> None:
        for name in FILES:
            self.assertEqual((self.first / name).read_bytes(), (self.root / "second" / name).read_bytes(), name)

    def test_names_its_files_by_their_hash(self) -> None:
        for file in self.manifest["files"].values():
            content = (self.first / file["path"]).read_bytes()
            self.assertEqual(hashlib.sha256(content).hexdigest(), file["sha256"])

    def test_is_better_than_chance_on_days_it_has_not_seen(self) -> None:
        chance = self.manifest["metrics"]["test_frauds"] / self.manifest["metrics"]["test_rows"]
        self.assertGreater(self.manifest["metrics"]["average_precision"], 5 * chance)

    def test_says_what_is_typical_of_each_feature(self) -> None:
        typical = self.manifest["typical"]
        self.assertEqual(sorted(typical), sorted(self.manifest["features"]))
        self.assertTrue(all(bounds[0] <= bounds[1] for bounds in typical.values()))

    def test_has_golden_vectors_with_missing_values_on_both_sides_of_thresholds(self) -> None:
        rows = self.golden["rows"]
        self.assertGreaterEqual(len(rows), 32)
        self.assertTrue(any(value is None for row in rows for value in row["features"]))
        self.assertTrue(any(row["name"].startswith("just below") for row in rows))

    def test_has_golden_contributions_that_add_up(self) -> None:
        for row in self.golden["rows"]:
            self.assertAlmostEqual(self.golden["expected_margin"] + sum(row["contributions"]), row["margin"], places=4)

    def test_refuses_short_data_in_one_line(self) -> None:
        self.assertEqual(main(["train", "--data", str(self.data), "--out", str(self.root / "x"), "--test-days", "59"]), 1)


class TheGraph(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        main(["synthetic", "--out", folder.name, "--rows", "6000", "--days", "60"])
        self.dataset = load_dataset(Path(folder.name))
        split = split_by_time(self.dataset, test_days=10, maturity_days=14, calibration_share=0.25)
        self.model = grow(split.train, Recipe(tree_count=15))
        self.trees = trees_of(self.model, len(self.dataset.names))

    def test_scores_as_library_and_trees_do_missing_and_extreme_values_included(self) -> None:
        x = np.vstack([self.dataset.features, np.full((1, 8), np.nan), np.full((1, 8), 3e38), np.full((1, 8), -3e38)]).astype(np.float32)
        session = open_session(onnx_of(self.trees, UNCALIBRATED, "test"))
        by_graph = scores_by_onnx(session, x)
        margins = margins_by_trees(self.trees, x)
        self.assertLess(np.abs(margins - self.model.margins(x)).max(), 1e-5)
        self.assertLess(np.abs(UNCALIBRATED.probabilities(margins) - by_graph).max(), 1e-6)

    def test_is_refused_when_it_says_something_else(self) -> None:
        with self.assertRaisesRegex(ValueError, "graph: row 1 has 0.200000000 and 0.200010000; at most 1e-06"):
            prove_parity(np.array([0.1, 0.2]), np.array([0.1, 0.20001]), 1e-6, "graph")


class Calibration(unittest.TestCase):
    def test_finds_the_line_that_the_outcomes_were_drawn_by(self) -> None:
        chance = np.random.Generator(np.random.PCG64(1))
        margins = chance.normal(-2, 2, 400_000)
        y = (chance.random(400_000) < 1 / (1 + np.exp(-(0.7 * margins + 0.3)))).astype(np.int8)
        found = fit_platt(margins, y)
        self.assertAlmostEqual(found.a, 0.7, delta=0.02)
        self.assertAlmostEqual(found.b, 0.3, delta=0.02)

    def test_is_left_alone_by_a_handful_of_frauds(self) -> None:
        y = np.zeros(1000, dtype=np.int8)
        y[:24] = 1
        self.assertEqual(fit_platt(np.linspace(-3, 3, 1000), y), UNCALIBRATED)

    def test_refuses_to_turn_the_ranking_around(self) -> None:
        margins = np.linspace(-3, 3, 1000)
        with self.assertRaisesRegex(ValueError, "turn the ranking around"):
            fit_platt(margins, (margins < 0).astype(np.int8))


class SmallParts(unittest.TestCase):
    def test_float32_survives_its_shortest_decimal(self) -> None:
        for value in np.random.Generator(np.random.PCG64(2)).normal(0, 1e3, 10_000).astype(np.float32):
            self.assertEqual(np.float32(float32_json(value)), value)
        self.assertEqual(float32_json(np.float32(0.1)), 0.1)
        self.assertIsNone(float32_json(np.float32(np.nan)))

    def test_recall_at_a_false_positive_share(self) -> None:
        # 1000 genuine at 0.000 … 0.999; 1 % may lie at or above the threshold, so it is just above 0.989.
        scores = np.concatenate([np.arange(1000) / 1000, [0.95, 0.9895, 0.995, 0.2]])
        y = np.concatenate([np.zeros(1000), np.ones(4)])
        self.assertEqual(recall_at(y, scores, 0.01), 0.5)

    def test_known_fraud_never_lowers_a_score(self) -> None:
        self.assertEqual([direction_of(name) for name in ("card_fraud_count_30d", "cvv_mismatch", "amount")], [1, 1, 0])


if __name__ == "__main__":
    unittest.main()
