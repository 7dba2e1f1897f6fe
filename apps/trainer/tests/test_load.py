"""The exporter's directory is read as written, or refused with the place and the value."""

import tempfile
import unittest
from pathlib import Path

import numpy as np

from veto_trainer.load import BadInput, load_dataset
from veto_trainer.synthetic import NAMES, write_synthetic


class AnExportedDirectory(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.directory = Path(folder.name)
        write_synthetic(self.directory, seed=3, row_count=200, days=10)

    def change_rows(self, change) -> None:
        path = self.directory / "rows.csv"
        lines = path.read_text(encoding="utf-8").splitlines()
        path.write_text("\n".join(change(lines)) + "\n", encoding="utf-8")

    def test_is_read_with_missing_values_kept(self) -> None:
        dataset = load_dataset(self.directory)
        self.assertEqual(dataset.names, NAMES)
        self.assertEqual(dataset.features.shape, (200, len(NAMES)))
        self.assertTrue(np.isnan(dataset.features).any())
        self.assertEqual(set(dataset.label.tolist()), {-1, 1})

    def test_is_sorted_by_time(self) -> None:
        before = load_dataset(self.directory)
        self.change_rows(lambda lines: [lines[0], *reversed(lines[1:])])
        np.save(self.directory / "features.npy", before.features[::-1].copy())
        after = load_dataset(self.directory)
        self.assertEqual(after.ids, before.ids)
        np.testing.assert_array_equal(after.features, before.features)

    def test_is_refused_when_rows_are_missing(self) -> None:
        self.change_rows(lambda lines: lines[:-1])
        with self.assertRaisesRegex(BadInput, "rows.csv has 199 rows, features.npy has 200"):
            load_dataset(self.directory)

    def test_is_refused_with_a_label_that_is_none(self) -> None:
        self.change_rows(lambda lines: [line.replace(",,,0,", ",2,,0,") for line in lines])
        with self.assertRaisesRegex(BadInput, "0, 1 or empty, got 2"):
            load_dataset(self.directory)

    def test_is_refused_with_other_columns(self) -> None:
        self.change_rows(lambda lines: ["id,when", *lines[1:]])
        with self.assertRaisesRegex(BadInput, "expected the columns transaction_id,.* got id,when"):
            load_dataset(self.directory)

    def test_is_refused_when_a_feature_is_infinite(self) -> None:
        features = np.load(self.directory / "features.npy")
        features[7, 3] = np.inf
        np.save(self.directory / "features.npy", features)
        with self.assertRaisesRegex(BadInput, "customer_amount_ratio_30d is infinite in row 7"):
            load_dataset(self.directory)

    def test_is_refused_in_doubles(self) -> None:
        np.save(self.directory / "features.npy", np.zeros((200, len(NAMES))))
        with self.assertRaisesRegex(BadInput, "expected float32"):
            load_dataset(self.directory)

    def test_is_refused_with_another_number_of_columns(self) -> None:
        np.save(self.directory / "features.npy", np.zeros((200, 3), dtype=np.float32))
        with self.assertRaisesRegex(BadInput, "3 columns, feature-set.json declares 8"):
            load_dataset(self.directory)

    def test_is_refused_without_the_matrix(self) -> None:
        (self.directory / "features.npy").unlink()
        with self.assertRaisesRegex(BadInput, "features.npy is missing"):
            load_dataset(self.directory)


if __name__ == "__main__":
    unittest.main()
