"""`python -m veto_trainer train|handbook|synthetic …`; `--help` says what each takes."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from .commands import run_handbook, run_synthetic, run_train
from .load import BadInput


def main(arguments: list[str]) -> int:
    """0 when an artifact was written; 1 with one line when the input will not do."""
    parser = argparse.ArgumentParser(prog="veto_trainer", description=__doc__)
    commands = parser.add_subparsers(required=True)

    train = commands.add_parser("train", help="train on exported traffic, calibrate, and write the artifact")
    _data_and_out(train)
    train.add_argument("--id", default="fraud-gbt", help="the model's id")
    train.add_argument("--data-name", default="exported by replay", help="what the manifest says about the data")
    train.add_argument("--from", dest="from_date", metavar="DATE", help="first day of the rows to look at")
    train.add_argument("--to", dest="to_date", metavar="DATE", help="last day of the rows to look at")
    train.add_argument("--test-days", type=float, default=20, help="the last days, which only judge")
    train.add_argument("--maturity-days", type=float, default=40, help="silence of this age counts as genuine")
    train.add_argument("--calibration-share", type=float, default=0.25, help="of the time before the gap")
    train.add_argument(
        "--calibrate-on",
        choices=["audited", "reported"],
        default="audited",
        help="verdicts of the calibration slice: the data set's truth, as an audit would find it, or reports alone",
    )
    train.add_argument("--trees", type=int, default=200, help="at most this many")
    train.add_argument("--seed", type=int, default=7)
    train.set_defaults(run=run_train)

    handbook = commands.add_parser("handbook", help="the Fraud Detection Handbook's protocol: train up to a day, score what follows")
    _data_and_out(handbook)
    handbook.add_argument("--train-to", metavar="DATE", default="2018-07-31", help="last day of training")
    handbook.add_argument("--delay-days", type=int, default=7, help="days between training and the first test day")
    handbook.add_argument("--test-days", type=int, default=28)
    handbook.add_argument("--seed", type=int, default=7)
    handbook.set_defaults(run=run_handbook)

    synthetic = commands.add_parser("synthetic", help="write a made-up matrix in the exporter's format")
    synthetic.add_argument("--out", type=Path, required=True)
    synthetic.add_argument("--rows", type=int, default=20_000)
    synthetic.add_argument("--days", type=int, default=60)
    synthetic.add_argument("--seed", type=int, default=7)
    synthetic.set_defaults(run=run_synthetic)

    options = parser.parse_args(arguments)
    try:
        options.run(options)
    except BadInput as problem:
        print(f"veto_trainer: {problem}", file=sys.stderr)
        return 1
    return 0


def _data_and_out(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, required=True, help="a directory that the exporter wrote")
    parser.add_argument("--out", type=Path, required=True, help="the artifact's directory")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
