"""Predictions: read from a file or given in Python, joined to gold by id, written.

A file is JSONL (`.jsonl`, `.jsonl.gz`) or Parquet, a row for each pair: `pair_id`, and `label`, or `scores` (the
probability of every label), or `score` (that of contradiction, for binary systems).
"""

from __future__ import annotations

import gzip
import hashlib
import io
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from bench.files import to_jsonl, write
from bench.ids import PairIds
from bench.issues import bad_input
from bench.reading import Reader
from bench.schema import LABELS, Prediction

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True)
class Predictions:
    """Predictions in the order of the gold pairs they were joined to.

    Attributes:
        labels: (n,) code of the predicted label in `LABELS`, or -1 where a system gives only `score`.
        scores: (n, 3) probability of each label, or None.
        score: (n,) probability of contradiction, or None where a system gives only labels.
        missing: (n,) pairs without a prediction; only with `on_missing="wrong"`.
        sha256: of the file, or of the rows where they came from Python.
    """

    labels: NDArray[np.int8]
    scores: NDArray[np.float64] | None
    score: NDArray[np.float64] | None
    missing: NDArray[np.bool_]
    sha256: str

    @property
    def binary(self) -> bool:
        """Whether the system tells only contradiction from the rest."""
        return bool((self.labels[~self.missing] < 0).any())


def _join(reader: Reader, on_missing: str, sha256: str = "") -> Predictions:
    """The columns in the order of gold; raises what has been found."""
    reader.finish()
    columns, size = reader.columns, len(reader.pair_ids)
    position, lines = (
        np.concatenate([np.empty(0, np.int64), *part]) for part in (columns.position, columns.lines)
    )
    known = position >= 0
    first = np.full(size, -1)
    first[position[known][::-1]] = np.flatnonzero(known)[::-1]
    for n in np.flatnonzero(known & (first[position] != np.arange(len(position)))):
        reader.error(
            lines[n],
            reader.pair_ids[position[n]],
            f"second prediction, the first is at line {lines[first[position[n]]]}",
        )
    missing = first < 0
    if not len(position) and not reader.issues.errors:
        reader.error(0, "", "no prediction in this file")
    elif on_missing == "error" and len(position) and reader.whole:
        for n in np.flatnonzero(missing):
            if (id := reader.pair_ids[n]) not in reader.broken:
                reader.error(0, id, "no prediction for this pair")
    reader.issues.raise_if_any()
    take = np.where(missing, 0, first)

    def column(pieces: list[NDArray[Any]], fill: float) -> NDArray[Any] | None:
        if not pieces:
            return None
        values = np.concatenate(pieces)
        pieces.clear()  # millions of rows need not be held twice
        values = values[take]
        values[missing] = fill
        return values

    labels = column(columns.labels, -1)
    scores = column(columns.scores, 1 / len(LABELS))
    score = scores[:, -1] if scores is not None else column(columns.score, 0.5)
    assert labels is not None
    return Predictions(labels, scores, score, missing, sha256)


def read_predictions(
    path: str | Path, pair_ids: PairIds | Sequence[str], on_missing: str = "error"
) -> Predictions:
    """Read a predictions file and join it to gold.

    Args:
        path: a `.jsonl`, `.jsonl.gz` or `.parquet` file.
        pair_ids: the ids of the gold pairs, without repetition.
        on_missing: `error`, or `wrong`: a pair without a prediction counts as wrong.

    Raises:
        BadInputError: with every problem: rows that are no prediction, ids that are unknown, missing or given
            twice, labels out of the vocabulary, numbers that are no probability, keys that look like gold.
    """
    path = Path(path)
    pair_ids = pair_ids if isinstance(pair_ids, PairIds) else PairIds(pair_ids)
    suffix = "".join(path.suffixes[-2:]) if path.suffix == ".gz" else path.suffix
    if not path.exists():
        raise bad_input(path, "no such file")
    if not path.is_file():
        raise bad_input(path, "is no regular file")
    if suffix not in (".jsonl", ".jsonl.gz", ".parquet"):
        raise bad_input(path, "unknown kind of file", ".jsonl, .jsonl.gz or .parquet", suffix or "no suffix")
    reader = Reader(path, pair_ids)
    try:
        if suffix == ".parquet":
            reader.parquet(path)
        else:
            with gzip.open(path) if suffix == ".jsonl.gz" else path.open("rb") as file:
                reader.jsonl(file)
        joined = _join(reader, on_missing)
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise bad_input(path, f"cannot be read: {error.strerror}") from error
    return replace(joined, sha256=sha256)


def from_records(
    predictions: Iterable[Prediction], pair_ids: PairIds | Sequence[str], on_missing: str = "error"
) -> Predictions:
    """Join predictions made in Python to gold; arguments and errors as in `read_predictions`."""
    content = to_jsonl(predictions)
    pair_ids = pair_ids if isinstance(pair_ids, PairIds) else PairIds(pair_ids)
    reader = Reader("predictions", pair_ids)
    reader.jsonl(io.BytesIO(content))
    return _join(reader, on_missing, hashlib.sha256(content).hexdigest())


def write_predictions(path: str | Path, predictions: Iterable[Prediction]) -> None:
    """Write predictions as `.jsonl`, `.jsonl.gz` (same rows, same bytes) or `.parquet`, by the name of the file.

    Raises:
        BadInputError: for another kind of file, or one that cannot be written.
    """
    path = Path(path)
    if path.name.endswith(".jsonl"):
        write(path, to_jsonl(predictions))
    elif path.name.endswith(".jsonl.gz"):
        write(path, gzip.compress(to_jsonl(predictions), mtime=0))
    elif path.name.endswith(".parquet"):
        import pyarrow as pa
        import pyarrow.parquet as pq

        buffer = io.BytesIO()
        pq.write_table(pa.Table.from_pylist([msgspec.to_builtins(row) for row in predictions]), buffer)
        write(path, buffer.getvalue())
    else:
        raise bad_input(
            path, "unknown kind of file", ".jsonl, .jsonl.gz or .parquet", path.suffix or "no suffix"
        )
