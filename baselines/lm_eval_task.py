"""The tables as lm-evaluation-harness loads them; `configs/lm_eval/counterclaim.yaml` names this function."""

from __future__ import annotations

from typing import Any

from datasets import DatasetDict

from bench.load import load_dataset
from bench.schema import SPLITS


def tables(data_dir: str | None = None, **_: Any) -> DatasetDict:
    """The pairs of every split; labels are numbers in the order entailment, neutral, contradiction.

    Args:
        data_dir: a folder with the same tables (`--metadata '{"data_dir": ...}'`); the data that ships with the package
            by default.
        **_: what else the harness hands over.
    """
    return DatasetDict({split: load_dataset(split, data_dir=data_dir) for split in SPLITS})
