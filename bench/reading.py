"""Reads prediction files, piece by piece, into checked columns.

Nothing in a file is trusted: it is read in bounded pieces, and every problem is listed with its line (in Parquet,
its row).
"""

from __future__ import annotations

import json
import zlib
from collections import Counter
from typing import TYPE_CHECKING, Any, cast

import msgspec
import numpy as np
from numpy.typing import NDArray

from bench.ids import PairIds, text_at
from bench.issues import Issues, one_of, show
from bench.schema import LABELS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LONGEST_LINE = 1 << 16
"""Bytes; no prediction is nearly as long."""

_BLOCK = 1 << 20
_ROWS = 1 << 16
_SUM_TOLERANCE = 0.01
_GOLD_KEYS = frozenset(
    {"gold", "gold_label", "gold_labels", "target", "answer", "reference", "truth", "claim", "counterclaim"}
)
_FIELDS = ("pair_id", "label", "scores", "score")
_CODES = {label: code for code, label in enumerate(LABELS)}


class _Scores(msgspec.Struct, forbid_unknown_fields=True):
    entailment: float
    neutral: float
    contradiction: float


class _Row(msgspec.Struct, forbid_unknown_fields=True):
    pair_id: str
    label: str | None = None
    scores: _Scores | None = None
    score: float | None = None


class Columns:
    """Rows gathered as columns, in pieces: where each pair stands in gold (-1 where it does not), and its line.

    `ids` holds Arrow arrays until all are read, since Arrow makes its hash table anew for every look-up.
    """

    def __init__(self) -> None:
        self.ids: list[Any] = []
        self.position: list[NDArray[np.int64]] = []
        self.labels: list[NDArray[np.int8]] = []
        self.scores: list[NDArray[np.float64]] = []
        self.score: list[NDArray[np.float64]] = []
        self.lines: list[NDArray[np.int64]] = []


class Reader:
    """Checks rows piece by piece against the ids of gold and reports into `issues`.

    `broken` holds the ids of rows that are no prediction; `whole` tells whether the file was read to its end.
    """

    def __init__(self, path: object, pair_ids: PairIds) -> None:
        self.path, self.pair_ids, self.issues = path, pair_ids, Issues()
        self.limit = len(pair_ids) + 1000
        self.columns = Columns()
        self.kinds: set[frozenset[str]] = set()
        self.rows = 0
        self.broken: set[str] = set()
        self.whole = True

    def error(self, line: int, id: str, what: str, expected: str = "", got: object = ...) -> None:
        shown = "" if got is ... else show(got)
        self.issues.error(self.path, int(line), id, what=what, expected=expected, got=shown)

    def add(
        self,
        ids: Any,
        labels: NDArray[np.int8] | None,
        scores: NDArray[np.float64] | None,
        score: NDArray[np.float64] | None,
        lines: NDArray[np.int64],
    ) -> None:
        """Check a piece of columns: a list or Arrow array of ids; label codes, scores and score where rows have them."""
        self.rows += len(ids)
        columns = zip(_FIELDS[1:], (labels, scores, score), strict=True)
        given = frozenset(name for name, column in columns if column is not None)
        if given not in self.kinds:
            self.kinds.add(given)
            first = text_at(ids, 0)
            if len(self.kinds) > 1:
                self.error(lines[0], first, "rows with different fields", "the same fields in every row")
            if not given:
                self.error(lines[0], first, "nothing predicted", "label, scores or score")
            if {"scores", "score"} <= given:
                self.error(lines[0], first, "both scores and score", "one of them")
        if scores is not None:
            self.probabilities(ids, scores, lines, "scores")
            off = np.abs(scores.sum(1) - 1) > _SUM_TOLERANCE
            for n in np.flatnonzero(off & np.isfinite(scores).all(1)):
                total = float(scores[n].sum())
                self.error(lines[n], text_at(ids, n), "scores do not sum to 1", "1 within 0.01", total)
            self.columns.scores.append(scores)
            if labels is None:
                labels = scores.argmax(1).astype(np.int8)
        if score is not None:
            self.probabilities(ids, score[:, None], lines, "score")
            self.columns.score.append(score)
        if self.pair_ids.columnar:
            import pyarrow as pa

            self.columns.ids.append(pa.array(ids, pa.string()) if isinstance(ids, list) else ids)
        else:
            self.place(ids, lines)
        self.columns.labels.append(np.full(len(ids), -1, np.int8) if labels is None else labels)
        self.columns.lines.append(lines)

    def finish(self) -> None:
        """Find the rows that wait to be looked up at once."""
        if self.columns.ids:
            import pyarrow as pa

            ids = pa.concat_arrays(self.columns.ids)
            self.columns.ids.clear()
            self.place(ids, np.concatenate(self.columns.lines))

    def place(self, ids: Any, lines: NDArray[np.int64]) -> None:
        """Find rows among the pairs of gold."""
        position = self.pair_ids.find(ids)
        for n in np.flatnonzero(position < 0):
            if text_at(ids, n):
                self.error(lines[n], text_at(ids, n), "unknown pair_id", "a pair of this split")
        self.columns.position.append(position)

    def unknown_label(self, line: int, id: str, label: object) -> None:
        self.error(line, id, "unknown label", one_of(LABELS), label)

    def probabilities(
        self, ids: Any, values: NDArray[np.float64], lines: NDArray[np.int64], field: str
    ) -> None:
        with np.errstate(invalid="ignore"):
            wrong = ~((values >= 0) & (values <= 1))
        for n in np.flatnonzero(wrong.any(1)):
            value = float(values[n][wrong[n]][0])
            what = f"{field} is no number" if np.isnan(value) else f"{field} is out of range"
            self.error(lines[n], text_at(ids, n), what, "a probability in [0, 1]", value)

    def record(self, line: int, raw: bytes) -> dict[str, Any] | None:
        """The JSON object of a line, keys that it gives twice reported; None where there is none."""

        def hook(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
            twice.extend(key for key, n in Counter(key for key, _ in pairs).items() if n > 1)
            return dict(pairs)

        twice: list[str] = []
        problem, got = "", cast("object", ...)
        record: Any = None
        try:
            record = json.loads(raw.decode("utf-8"), object_pairs_hook=hook)
        except UnicodeDecodeError as error:
            problem = f"not UTF-8 at byte {error.start} of the line"
        except RecursionError:
            problem = "not JSON: nested too deeply"
        except json.JSONDecodeError as error:
            problem, got = f"not JSON: {error.msg}", raw[:80].decode("utf-8", "replace")
        except ValueError:  # Python refuses to convert such integers
            problem = "not JSON: a number of thousands of digits"
        if problem:
            self.error(line, "", problem, got=got)
            return None
        if not isinstance(record, dict):
            self.error(line, "", "not a prediction", "an object", record)
            return None
        id = record.get("pair_id")
        for key in twice:
            self.error(line, id if isinstance(id, str) else "", f"{key} is given twice", "once")
        return record

    def row_problems(self, line: int, raw: bytes) -> None:
        """Say what is wrong with a line that does not decode."""
        record = self.record(line, raw)
        if record is None:
            return
        id = record.get("pair_id")
        name = id if isinstance(id, str) else ""
        if not isinstance(id, str):
            what = "pair_id is missing" if id is None else "pair_id is no string"
            self.error(line, "", what, "a string", ... if id is None else id)
        self.broken.add(name)
        for key in sorted(record.keys() - set(_FIELDS)):
            what = f"gold key {key} in a prediction" if key.lower() in _GOLD_KEYS else f"unknown field {key}"
            self.error(line, name, what, one_of(_FIELDS))
        if isinstance(record.get("label"), bool | int | float):
            self.error(line, name, "label is a number", f"a string, {one_of(LABELS)}", record["label"])
        elif not isinstance(record.get("label"), str | None):
            self.error(line, name, "label is no string", one_of(LABELS), record["label"])
        scores = record.get("scores")
        if isinstance(scores, dict) and set(scores) == set(LABELS):
            for key, value in scores.items():
                self.number(line, name, f"scores.{key}", value)
        elif scores is not None:
            self.error(line, name, "scores has not one number a label", ", ".join(LABELS), scores)
        if record.get("score") is not None:
            self.number(line, name, "score", record["score"])

    def number(self, line: int, name: str, field: str, value: object) -> None:
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
            self.error(line, name, f"{field} is no probability", "a number in [0, 1]", value)

    def jsonl(self, file: Any) -> None:
        decode = msgspec.json.Decoder(_Row).decode
        for first, lines in _pieces(file, self):
            rows, numbers = [], []
            for number, line in enumerate(lines, first):
                if not line.strip():
                    continue
                try:
                    row = decode(line)
                except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
                    self.rows += 1
                    before = len(self.issues.errors) + self.issues.dropped
                    self.row_problems(number, line)
                    if len(self.issues.errors) + self.issues.dropped == before:
                        self.error(number, "", "not a prediction", one_of(_FIELDS))
                    continue
                if line.count(b'":') + line.count(b'" :') != _keys(row):
                    self.row_problems(number, line)
                rows.append(row)
                numbers.append(number)
            self.add_rows(rows, np.array(numbers, np.int64))
            if self.rows > self.limit or first > 2 * self.limit:
                self.error(first + len(lines) - 1, "", "more rows than pairs", f"at most {self.limit}")
                self.whole = False
                return

    def add_rows(self, rows: list[Any], lines: NDArray[np.int64]) -> None:
        """Add records, those with the same fields together."""
        groups: dict[tuple[bool, bool, bool], list[int]] = {}
        for n, row in enumerate(rows):
            key = (row.label is not None, row.scores is not None, row.score is not None)
            groups.setdefault(key, []).append(n)
        for (label, scores, score), members in groups.items():
            chosen = [rows[n] for n in members]
            where = lines[members]
            codes = np.array([_CODES.get(row.label, -1) for row in chosen], np.int8) if label else None
            for row, code, line in zip(chosen, codes, where, strict=True) if codes is not None else ():
                if code < 0:
                    self.unknown_label(line, row.pair_id, row.label)
            table = (
                [(r.scores.entailment, r.scores.neutral, r.scores.contradiction) for r in chosen]
                if scores
                else []
            )
            self.add(
                [row.pair_id for row in chosen],
                codes,
                np.array(table, np.float64).reshape(-1, 3) if scores else None,
                np.array([row.score for row in chosen], np.float64) if score else None,
                where,
            )

    def parquet(self, path: Path) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            file = pq.ParquetFile(path)
            names = file.schema_arrow.names
            kinds = {name: file.schema_arrow.field(name).type for name in names}
        except (pa.ArrowException, OSError, ValueError) as error:
            self.error(0, "", f"no Parquet file: {str(error).splitlines()[0]}")
            return
        for name in names:
            if name in _GOLD_KEYS:
                self.error(0, "", f"gold key {name} in a prediction", one_of(_FIELDS))
            elif name not in _FIELDS:
                self.error(0, "", f"unknown column {name}", one_of(_FIELDS))
        if "pair_id" not in names:
            self.error(0, "", "pair_id is missing", "a column of strings")
        if "scores" in names and _parts(kinds["scores"]) != set(LABELS):
            expected = f"struct of {', '.join(LABELS)}"
            self.error(0, "", "scores has not one number a label", expected, str(kinds["scores"]))
        if file.metadata.num_rows > self.limit:
            self.error(0, "", "more rows than pairs", f"at most {self.limit}", file.metadata.num_rows)
        if self.issues.errors:
            return
        first = 1
        try:
            for batch in file.iter_batches(batch_size=_ROWS, columns=[n for n in _FIELDS if n in names]):
                self.batch(batch, np.arange(first, first + len(batch)))
                first += len(batch)
        except (pa.ArrowException, OSError) as error:
            self.error(first, "", f"cannot be read: {str(error).splitlines()[0]}")

    def batch(self, batch: Any, lines: NDArray[np.int64]) -> None:
        """Check and add some rows of a Parquet file."""
        import pyarrow as pa
        import pyarrow.compute as pc

        column = {name: batch.column(name) for name in batch.schema.names}
        ids = column["pair_id"].cast(pa.string())
        empty = np.asarray(pc.is_null(ids))
        for n in np.flatnonzero(empty):
            self.error(lines[n], "", "pair_id is missing", "a string")
        codes = scores = score = None
        if "label" in column:
            labels = column["label"].cast(pa.string())
            found = pc.index_in(labels, value_set=pa.array(list(LABELS)))
            codes = np.asarray(pc.fill_null(found, -1)).astype(np.int8)
            for n in np.flatnonzero(codes < 0):
                self.unknown_label(lines[n], text_at(ids, n), labels[int(n)].as_py())
        if "scores" in column:
            scores = np.stack([_floats(pc.struct_field(column["scores"], name)) for name in LABELS], 1)
        if "score" in column:
            score = _floats(column["score"])
        if len(lines):
            self.add(ids, codes, scores, score, lines)


def _parts(kind: Any) -> set[str]:
    """The names of the fields of an Arrow struct; none of another type."""
    return {kind.field(n).name for n in range(kind.num_fields)}


def _floats(array: Any) -> NDArray[np.float64]:
    import pyarrow as pa
    import pyarrow.compute as pc

    return np.asarray(pc.fill_null(array.cast(pa.float64()), np.nan), np.float64)


def _keys(row: Any) -> int:
    """How many keys the JSON of a row holds, if none is given twice."""
    return 1 + (row.label is not None) + (row.score is not None) + 4 * (row.scores is not None)


def _pieces(file: Any, reader: Reader) -> Iterator[tuple[int, list[bytes]]]:
    """Lines of a binary file in bounded pieces, each with the number of its first line."""
    rest, first = b"", 1
    while True:
        try:
            block = file.read(_BLOCK)
        except (OSError, EOFError, zlib.error) as error:
            reader.error(first, "", f"cannot be read: {error}")
            reader.whole = False
            return
        lines = (rest + block).split(b"\n")
        rest = lines.pop() if block else b""
        if any(len(line) > LONGEST_LINE for line in (*lines, rest)):
            number = first + next((n for n, line in enumerate(lines) if len(line) > LONGEST_LINE), len(lines))
            reader.error(number, "", "line is too long", f"at most {LONGEST_LINE} bytes")
            reader.whole = False
            return
        if lines:
            yield first, lines
            first += len(lines)
        if not block:
            return
