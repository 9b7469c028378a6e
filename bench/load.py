"""Tables -> typed records, or a Hugging Face `Dataset`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from bench.files import data_home
from bench.issues import Issues, bad_input, one_of, show
from bench.schema import LABELS, SPLITS, ClaimRow, Date, EventRow, Pair

if TYPE_CHECKING:
    import datasets

Row = TypeVar("Row", bound=msgspec.Struct)

LONGEST_ROW = 1 << 20
"""Bytes of a line of a table; no row is nearly as long."""

TABLES: dict[str, type[msgspec.Struct]] = {"pairs": Pair, "claims": ClaimRow, "events": EventRow}
"""The record of each table that is divided into splits."""


def _read(table: str, kind: type[Row], split: str, data_dir: str | Path | None) -> list[Row]:
    folder = Path(data_dir) if data_dir is not None else data_home()
    path = folder / table / f"{split}.jsonl"
    if split not in SPLITS and not path.is_file():
        raise bad_input(folder, "no such split", one_of(SPLITS), show(split))
    return _rows(path, table, kind)


def _rows(path: Path, table: str, kind: type[Row]) -> list[Row]:
    if not path.is_file():
        raise bad_input(path, "no such table", "a file that `python -m bench.build` wrote")
    issues = Issues()
    rows: list[Row] = []
    decode = msgspec.json.Decoder(kind).decode
    with path.open("rb") as file:
        for number, line in enumerate(iter(lambda: file.readline(LONGEST_ROW + 1), b""), 1):
            if len(line) > LONGEST_ROW:
                issues.error(path, number, what="line is too long", expected=f"at most {LONGEST_ROW} bytes")
                break
            try:
                rows.append(decode(line))
            except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
                issues.error(path, number, what=f"no row of {table}: {error}")
    if table == "pairs":
        _check_pairs(path, rows, issues)  # type: ignore[arg-type]
    issues.raise_if_any()
    return rows


def _check_pairs(path: Path, pairs: list[Pair], issues: Issues) -> None:
    """What types do not tell: labels of the vocabulary, and ids that occur once."""
    seen = set()
    for line, pair in enumerate(pairs, 1):
        if pair.label not in LABELS:
            issues.error(
                path, line, pair.pair_id, what="unknown label", expected=one_of(LABELS), got=show(pair.label)
            )
        if pair.pair_id in seen:
            issues.error(path, line, pair.pair_id, what="pair_id is given twice", expected="once")
        seen.add(pair.pair_id)


def load_pairs(split: str = "test", data_dir: str | Path | None = None) -> list[Pair]:
    """The pairs of a split, both directions of each, in the order of the table.

    Args:
        split: train, validation or test.
        data_dir: a folder with the same tables; the data that ships with the package by default.

    Raises:
        BadInputError: where the table is not there or a row of it is wrong.
    """
    return _read("pairs", Pair, split, data_dir)


def read_pairs(path: str | Path) -> list[Pair]:
    """The pairs of a file in the form of the table `pairs`, wherever it lies; errors as in `load_pairs`."""
    return _rows(Path(path), "pairs", Pair)


def load_claims(split: str = "test", data_dir: str | Path | None = None) -> list[ClaimRow]:
    """The claims of a split with their sources; arguments and errors as in `load_pairs`."""
    return _read("claims", ClaimRow, split, data_dir)


def load_manifest(data_dir: str | Path | None = None) -> dict[str, Any]:
    """Version, cut dates, counts and checksums of the tables, as `bench.build` wrote them.

    Raises:
        BadInputError: where there is no readable manifest.
    """
    path = (Path(data_dir) if data_dir is not None else data_home()) / "manifest.json"
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, Any])
    except (OSError, msgspec.MsgspecError) as error:
        raise bad_input(path, f"no readable manifest: {error}") from error


def features(table: str) -> datasets.Features:
    """The Hugging Face features of a table; `label` is a `ClassLabel` in the standard order.

    Raises:
        KeyError: if there is no such table.
    """
    import datasets

    def feature(name: str, kind: Any) -> Any:
        if name in ("label", "votes"):
            label = datasets.ClassLabel(names=list(LABELS))
            return datasets.List(label) if name == "votes" else label
        if kind in (Date, Date | None):
            return {part: datasets.Value("int32") for part in Date.__struct_fields__}
        text = str(getattr(kind, "__name__", kind))
        if "list" in text:
            return datasets.List(datasets.Value("string"))
        return datasets.Value({"int": "int64", "bool": "bool"}.get(text, "string"))

    fields = msgspec.structs.fields(TABLES[table])
    return datasets.Features({field.name: feature(field.name, field.type) for field in fields})


def load_dataset(
    split: str = "test", table: str = "pairs", data_dir: str | Path | None = None
) -> datasets.Dataset:
    """A table as a Hugging Face `Dataset`, without touching network or cache.

    `datasets.load_dataset(DATA_FOLDER, TABLE, split=SPLIT)` gives the same rows, and can stream them.

    Args:
        split: train, validation or test.
        table: pairs, claims or events.
        data_dir: a folder with the same tables; the data that ships with the package by default.

    Raises:
        BadInputError: where the table is not there or a row of it is wrong.
    """
    import datasets

    if table not in TABLES:
        raise bad_input("bench.load_dataset", "no such table", one_of(TABLES), show(table))
    rows = _read(table, TABLES[table], split, data_dir)
    return datasets.Dataset.from_list([msgspec.to_builtins(row) for row in rows], features=features(table))
